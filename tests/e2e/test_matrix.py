"""Who may do what: every operation with every credential.

Refused keys are 401 wherever they are tried, a role that is too small is 403, another project's key finds nothing here,
and an id of another project answers, to the byte, what an id of nothing answers: in the path, the query and the body.
Keys of the whole installation are in `test_matrix_scopes.py`, projects that are over in `test_matrix_lives.py`.
"""

import pytest

from tests.e2e.calls import Caller
from tests.e2e.installation import Installation
from tests.e2e.operations.asking import OPERATIONS, ask, blind, named, refusal_of, seen
from tests.e2e.operations.credentials import ELSEWHERE, REFUSED, Keys, make_keys, smaller
from tests.e2e.operations.documented import Operation
from tests.e2e.operations.ground import Ground
from tests.e2e.operations.row import ids_of, unknown
from tests.e2e.operations.rows import ROWS

OTHER = "matrix-elsewhere"
WHERE = ("path", "query", "body")

from_elsewhere = pytest.mark.parametrize("credential", ELSEWHERE)


@pytest.fixture(scope="module")
async def keys(installation: Installation, laid: Ground) -> Keys:
    await installation.caller.create("/v1/projects", {"name": OTHER, "handle": OTHER})
    return await make_keys(installation, laid.name, OTHER)


@named(OPERATIONS)
@pytest.mark.parametrize("credential", REFUSED)
async def test_a_key_that_is_none_is_refused(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation, credential: str
) -> None:
    places = {**laid.places, "new": laid.new()}

    reply = await ask(caller, operation, places, keys.header(credential, OTHER))

    assert reply.status == 401, reply.raw
    assert reply.headers["WWW-Authenticate"] == "Bearer"


@named(one for one in OPERATIONS if smaller(one.role))
async def test_a_role_that_is_too_small_is_refused(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation
) -> None:
    role = smaller(operation.role)
    assert role is not None

    reply = await ask(caller, operation, {**laid.places, "new": laid.new()}, f"Bearer {keys.by_role[role]}")

    assert refusal_of(reply) == (403, "forbidden")


@named(one for one in OPERATIONS if one.is_of_a_project)
@from_elsewhere
async def test_a_key_from_elsewhere_finds_nothing_here(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation, credential: str
) -> None:
    places, header = {**laid.places, "new": laid.new()}, keys.elsewhere(credential, OTHER)

    foreign = await ask(caller, operation, places, header)
    nowhere = await ask(caller, operation, {**places, "project": "never-was"}, header)

    assert foreign.status == 404
    assert seen(foreign) == seen(nowhere)


@named(one for one in OPERATIONS if not one.is_of_a_project)
@from_elsewhere
async def test_a_key_from_elsewhere_does_nothing_to_the_installation(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation, credential: str
) -> None:
    places = {**laid.places, "new": laid.new()}

    reply = await ask(caller, operation, places, keys.elsewhere(credential, OTHER))

    assert reply.status == ROWS[operation.id].bound, reply.raw


IDS = [(one, where) for one in OPERATIONS for where in WHERE if ids_of(ROWS[one.id])[where]]


@pytest.mark.parametrize(("operation", "where"), IDS, ids=[f"{one.id}-{where}" for one, where in IDS])
@from_elsewhere
async def test_a_foreign_id_answers_what_an_unknown_one_does(
    laid: Ground, caller: Caller, keys: Keys, operation: Operation, where: str, credential: str
) -> None:
    row, header = ROWS[operation.id], keys.elsewhere(credential, OTHER)
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
    key = "" if of_installation else f"Bearer {keys.by_role[operation.role]}"

    reply = await ask(caller, operation, await laid.for_row(row), key)

    assert reply.status == row.status, reply.raw


def test_at_least_ten_credentials_are_tried() -> None:
    """The refused ones, too small a role, those from elsewhere, a foreign id, the right one."""
    assert len(REFUSED) + len(ELSEWHERE) + 3 >= 10
    assert {where for _, where in IDS} == set(WHERE)
