"""Who may do what: every operation with every credential.

Refused keys are 401 wherever they are tried, a role that is too small is 403, another project's key finds nothing here,
and an id of another project answers, to the byte, what an id of nothing answers: in the path, the query and the body.
"""

from typing import Any, cast

import pytest

from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from tests.e2e.calls import Caller, Reply
from tests.e2e.installation import Installation
from tests.e2e.operations.credentials import REFUSED, Keys, make_keys, smaller
from tests.e2e.operations.documented import Documented, Operation
from tests.e2e.operations.ground import Ground
from tests.e2e.operations.row import Places, asked, ids_of, unknown
from tests.e2e.operations.rows import ROWS

OPERATIONS = list(Documented(cast("dict[str, Any]", parse_own_json(published("openapi.json")))).operations())
OTHER = "matrix-elsewhere"
WHERE = ("path", "query", "body")
UNLIKE = ("date", "x-request-id")
"""Headers that differ between any two answers."""


def named(operations: list[Operation]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize("operation", operations, ids=lambda operation: operation.id)


@pytest.fixture(scope="module")
async def keys(installation: Installation, laid: Ground) -> Keys:
    await installation.caller.create("/v1/projects", {"name": OTHER, "handle": OTHER})
    return await make_keys(installation, laid.name, OTHER)


@pytest.fixture
def caller(installation: Installation) -> Caller:
    return installation.caller


async def ask(caller: Caller, operation: Operation, places: Places, authorization: str | None) -> Reply:
    """The operation's right request with this key."""
    right = asked(operation.method, operation.path, ROWS[operation.id], places)
    return await caller.call(right.method, right.path, right.body, authorization=authorization)


@named(OPERATIONS)
@pytest.mark.parametrize("credential", REFUSED)
async def test_a_key_that_is_none_is_refused(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation, credential: str
) -> None:
    places = {**laid.places, "new": laid.new()}

    reply = await ask(caller, operation, places, keys.header(credential, OTHER))

    assert reply.status == 401, reply.raw
    assert reply.headers["WWW-Authenticate"] == "Bearer"


@named([one for one in OPERATIONS if smaller(one.role)])
async def test_a_role_that_is_too_small_is_refused(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation
) -> None:
    role = smaller(operation.role)
    assert role is not None

    reply = await ask(caller, operation, {**laid.places, "new": laid.new()}, f"Bearer {keys.by_role[role]}")

    assert (reply.status, error_code(reply)) == (403, "forbidden")


@named([one for one in OPERATIONS if one.is_of_a_project])
async def test_another_projects_key_finds_nothing_here(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation
) -> None:
    places, header = {**laid.places, "new": laid.new()}, f"Bearer {keys.stranger}"

    foreign = await ask(caller, operation, places, header)
    nowhere = await ask(caller, operation, {**places, "project": "never-was"}, header)

    assert foreign.status == 404
    assert seen(foreign) == seen(nowhere)


@named([one for one in OPERATIONS if not one.is_of_a_project])
async def test_another_projects_key_does_nothing_to_the_installation(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation
) -> None:
    reply = await ask(caller, operation, {**laid.places, "new": laid.new()}, f"Bearer {keys.stranger}")

    assert reply.status == ROWS[operation.id].bound, reply.raw


IDS = [(one, where) for one in OPERATIONS for where in WHERE if ids_of(ROWS[one.id])[where]]


@pytest.mark.parametrize(("operation", "where"), IDS, ids=[f"{one.id}-{where}" for one, where in IDS])
async def test_a_foreign_id_answers_what_an_unknown_one_does(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation, where: str
) -> None:
    row, header = ROWS[operation.id], f"Bearer {keys.stranger}"
    own = {name: OTHER for name in ("home", "spare") if where != "path" and name not in ids_of(row)[where]}
    places = {**await laid.for_row(row), "project": OTHER, **own}
    nothing = {**places, **{name: unknown(places[name]) for name in ids_of(row)[where]}}

    foreign = await ask(caller, operation, places, header)
    absent = await ask(caller, operation, nothing, header)

    assert foreign.status == row.foreign_in(where), foreign.raw
    assert seen(blind(foreign, places, nothing)) == seen(absent)


@named(OPERATIONS)
async def test_the_least_role_is_enough(laid: Ground, caller: Caller, keys: Keys, operation: Operation) -> None:
    row = ROWS[operation.id]
    of_installation = not operation.is_of_a_project and row.key == "installation"
    key = "" if of_installation else f"Bearer {keys.by_role[operation.role]}"  # type: ignore[index]

    reply = await ask(caller, operation, await laid.for_row(row), key)

    assert reply.status == row.status, reply.raw


def test_at_least_ten_credentials_are_tried() -> None:
    """The refused ones, and too small a role, another project's, a foreign id, the right one."""
    assert len(REFUSED) + 4 >= 10
    assert {where for _, where in IDS} == set(WHERE)


def error_code(reply: Reply) -> object:
    error = reply.json["error"]
    assert isinstance(error, dict)
    return error["code"]


def seen(reply: Reply) -> tuple[int, bytes, dict[str, str]]:
    """All that somebody could tell two answers apart by."""
    return (
        reply.status,
        reply.raw,
        {name.lower(): value for name, value in reply.headers.items() if name.lower() not in UNLIKE},
    )


def blind(reply: Reply, places: Places, instead: Places) -> Reply:
    """The answer as it would be if it had been asked with the other ids: what it repeats of the request."""
    raw = reply.raw
    for name, value in places.items():
        if instead[name] != value:
            raw = raw.replace(value.encode(), instead[name].encode())
    return Reply(reply.status, reply.headers, raw)
