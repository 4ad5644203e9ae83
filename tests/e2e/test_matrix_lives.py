"""Who may do what in a project that is archived or deleted: every operation that is about it.

Archived, it is read as before; workers go on, and what is under way can be ended; every other change is 409. Deleted,
it and all that was in it answer, to the byte, what never was: to its own keys, to narrowed ones, to administrators.
"""

from collections.abc import Mapping
from dataclasses import dataclass

import pytest

from tests.e2e.calls import Caller
from tests.e2e.installation import Installation
from tests.e2e.operations.asking import OPERATIONS, ask, blind, named, refusal_of, seen
from tests.e2e.operations.credentials import ROLES, issue
from tests.e2e.operations.documented import Operation
from tests.e2e.operations.ground import Ground
from tests.e2e.operations.row import Places, ids_of
from tests.e2e.operations.rows import ROWS
from tests.e2e.tenants import Tenant

ARCHIVED, DELETED, STRANGER = "matrix-archived", "matrix-deleted", "matrix-stranger"
OF_A_PROJECT = frozenset({"home", "spare", "key"})
"""Places by which an operation that is below no project is about one."""


def names_of(operation: Operation) -> frozenset[str]:
    """The places of its right request, wherever they stand."""
    return frozenset().union(*ids_of(ROWS[operation.id]).values())


def goes_on(operation: Operation) -> bool:
    """Whether it is answered as ever in an archived project."""
    return operation.method == "GET" or operation.role in ("viewer", "worker") or ROWS[operation.id].in_archive


IN_PROJECTS = [one for one in OPERATIONS if one.is_of_a_project]
ELSEWHERE = [one for one in OPERATIONS if not one.is_of_a_project]
ABOUT_PROJECTS = [one for one in OPERATIONS if one.is_of_a_project or names_of(one) & OF_A_PROJECT]


@pytest.fixture(scope="module")
async def archived(installation: Installation) -> Ground:
    ground = Ground(installation, ARCHIVED)
    await ground.settle()
    await ground.archive()
    return ground


@pytest.fixture(scope="module")
async def keys(installation: Installation, archived: Ground) -> Mapping[str, str]:
    """Of the archived project by role, issued when it was archived already; and another project's."""
    await installation.caller.create("/v1/projects", {"name": STRANGER, "handle": STRANGER})
    own = {str(role): (await issue(installation.caller, archived.name, role))[0] for role in ROLES}
    return {**own, "stranger": (await issue(installation.caller, STRANGER, "admin"))[0]}


async def ready(ground: Ground, operation: Operation) -> Places:
    """The places for a right request, of which those that need it were made while the project was open for a moment.
    What is about the life of a project is about another archived one, because that has an end."""
    row = ROWS[operation.id]
    if not operation.is_of_a_project:
        return {**await ground.for_row(row), **await ground.spare_project(archived=True)}
    if row.prepare is None:
        return await ground.for_row(row)
    await ground.restore()
    places = await ground.for_row(row)
    await ground.archive()
    return places


@named(one for one in ABOUT_PROJECTS if goes_on(one))
async def test_an_archived_project_is_read_and_what_is_under_way_goes_on(
    archived: Ground, caller: Caller, keys: Mapping[str, str], operation: Operation
) -> None:
    row = ROWS[operation.id]
    of_installation = not operation.is_of_a_project and row.key == "installation"
    header = "" if of_installation else f"Bearer {keys[operation.role]}"

    reply = await ask(caller, operation, await ready(archived, operation), header)

    assert reply.status == row.status, reply.raw


@named(one for one in ABOUT_PROJECTS if not goes_on(one))
@pytest.mark.parametrize("whose", ["its-own", "installation"])
async def test_an_archived_project_takes_no_changes(
    archived: Ground, caller: Caller, keys: Mapping[str, str], operation: Operation, whose: str
) -> None:
    places = {**archived.places, "new": archived.new(), "spare": archived.name}
    header = f"Bearer {keys[operation.role]}" if whose == "its-own" else ""

    reply = await ask(caller, operation, places, header)

    assert refusal_of(reply) == (409, "project_archived")


@named(IN_PROJECTS)
async def test_another_projects_key_does_not_learn_that_a_project_is_archived(
    archived: Ground, caller: Caller, keys: Mapping[str, str], operation: Operation
) -> None:
    header, places = f"Bearer {keys['stranger']}", {**archived.places, "new": archived.new()}

    foreign = await ask(caller, operation, places, header)
    nowhere = await ask(caller, operation, {**places, "project": "never-was"}, header)

    assert foreign.status == 404
    assert seen(foreign) == seen(nowhere)


@dataclass(frozen=True)
class Gone:
    """A project that was deleted, its own keys with it, at every service. `places` were in it; `headers` are whose
    keys are tried there."""

    places: Places
    headers: Mapping[str, str]


@pytest.fixture(scope="module")
async def gone(installation: Installation) -> Gone:
    ground, key = Ground(installation, DELETED), installation.stack.api_key
    await ground.settle()
    own, _ = await issue(ground.caller, DELETED, "admin")
    await ground.archive()
    assert (await ground.caller.call("DELETE", f"/v1/projects/{DELETED}")).status == 204
    await Tenant(installation, DELETED, "", "", key).until_everywhere(404)
    await Tenant(installation, DELETED, "", "", own).until_everywhere(401)
    headers = {"its-own": f"Bearer {own}", "narrowed": f"Bearer {DELETED}/{key}", "installation": f"Bearer {key}"}
    return Gone({**ground.places, "new": ground.new()}, headers)


@named(IN_PROJECTS)
@pytest.mark.parametrize("whose", ["its-own", "narrowed", "installation"])
async def test_in_a_deleted_project_everything_is_what_never_was(
    gone: Gone, caller: Caller, operation: Operation, whose: str
) -> None:
    there = await ask(caller, operation, gone.places, gone.headers[whose])
    nowhere = await ask(caller, operation, {**gone.places, "project": "never-was"}, gone.headers[whose])

    assert there.status == (401 if whose == "its-own" else 404), there.raw
    assert seen(there) == seen(nowhere)


@named(one for one in ELSEWHERE if not names_of(one) - OF_A_PROJECT)
@pytest.mark.parametrize("whose", ["its-own", "narrowed"])
async def test_the_keys_of_a_deleted_project_do_nothing_to_the_installation(
    gone: Gone, caller: Caller, operation: Operation, whose: str
) -> None:
    reply = await ask(caller, operation, gone.places, gone.headers[whose])

    assert reply.status == (401 if whose == "its-own" else ROWS[operation.id].bound), reply.raw


@named(one for one in ELSEWHERE if names_of(one) & {"home", "spare"})
@pytest.mark.parametrize("by", ["project", "project_id"])
async def test_a_deleted_project_is_what_never_was_to_administrators(
    gone: Gone, caller: Caller, operation: Operation, by: str
) -> None:
    places = {**gone.places, "home": gone.places[by], "spare": gone.places[by]}
    nowhere = {**places, "home": "never-was", "spare": "never-was"}

    there = await ask(caller, operation, places, "")
    absent = await ask(caller, operation, nowhere, "")

    assert there.status == 404, there.raw
    assert seen(blind(there, places, nowhere)) == seen(absent)
