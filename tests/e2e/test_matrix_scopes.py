"""Who may do what with a key of the whole installation: every operation with every role of it.

Its role counts as that of a project's key does. Narrowed to a project by `handle/` before the key it is one of that
project. A restricted project is to it, to the byte, what never was, unless it is a member or an administrator's.
"""

from collections.abc import Mapping

import pytest

from libs.contracts.codec import dump_json
from libs.contracts.events.catalog import Role
from tests.e2e.calls import Caller
from tests.e2e.installation import Installation
from tests.e2e.operations.asking import OPERATIONS, ask, blind, named, refusal_of, seen
from tests.e2e.operations.credentials import ROLES, issue, smaller
from tests.e2e.operations.documented import Operation
from tests.e2e.operations.ground import Ground
from tests.e2e.operations.rows import ROWS
from tests.e2e.tenants import Tenant

RESTRICTED = "matrix-restricted"
LOWER: tuple[Role, ...] = ("viewer", "worker", "author")
IN_PROJECTS = [one for one in OPERATIONS if one.is_of_a_project]
ABOUT_PROJECTS = [one for one in OPERATIONS if one.is_of_a_project or ROWS[one.id].key == "project"]


def may(role: str, operation: Operation) -> bool:
    """By what the document says of the operation."""
    return ROLES.index(role) >= ROLES.index(operation.role)


ENOUGH = [(one, role) for one in OPERATIONS for role in LOWER if may(role, one)]
TOO_SMALL = [(one, role) for one in OPERATIONS for role in LOWER if not may(role, one)]


def cells(pairs: list[tuple[Operation, Role]]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(("operation", "role"), pairs, ids=[f"{one.id}-{role}" for one, role in pairs])


@pytest.fixture(scope="module")
async def keys(installation: Installation) -> Mapping[str, str]:
    """Of the whole installation, by role."""
    return {role: (await issue(installation.caller, None, role))[0] for role in ROLES}


@pytest.fixture(scope="module")
async def members(installation: Installation, restricted: Ground) -> Mapping[str, str]:
    """Keys of the whole installation that were added to the restricted project, by role."""
    issued = {role: await issue(installation.caller, None, role) for role in ROLES}
    for _, key_id in issued.values():
        await installation.caller.create(f"/v1/projects/{RESTRICTED}/members", {"user_id": key_id})
    return {role: token for role, (token, _) in issued.items()}


@pytest.fixture(scope="module")
async def restricted(installation: Installation, keys: Mapping[str, str]) -> Ground:
    """A project that is restricted at every service."""
    ground = Ground(installation, RESTRICTED)
    await ground.settle()
    changed = await ground.caller.call("PATCH", f"/v1/projects/{RESTRICTED}", dump_json({"access_mode": "restricted"}))
    assert changed.status == 200, changed.raw
    await Tenant(installation, RESTRICTED, "", "", keys["author"]).until_everywhere(404)
    return ground


@cells(ENOUGH)
async def test_an_installations_key_may_do_what_its_role_may(
    laid: Ground, caller: Caller, keys: Mapping[str, str], operation: Operation, role: Role
) -> None:
    row = ROWS[operation.id]

    reply = await ask(caller, operation, await laid.for_row(row), f"Bearer {keys[role]}")

    assert reply.status == row.status, reply.raw


@cells(TOO_SMALL)
async def test_an_installations_key_of_too_small_a_role_is_refused(
    laid: Ground, caller: Caller, keys: Mapping[str, str], operation: Operation, role: Role
) -> None:
    reply = await ask(caller, operation, {**laid.places, "new": laid.new()}, f"Bearer {keys[role]}")

    assert refusal_of(reply) == (403, "forbidden")


@named(OPERATIONS)
async def test_a_narrowed_key_is_one_of_its_project(
    laid: Ground, caller: Caller, keys: Mapping[str, str], operation: Operation
) -> None:
    row = ROWS[operation.id]
    places = await laid.for_row(row)

    reply = await ask(caller, operation, places, f"Bearer {laid.name}/{keys[operation.role]}")

    assert reply.status == (row.status if operation in ABOUT_PROJECTS else row.bound), reply.raw


@named(one for one in OPERATIONS if smaller(one.role))
async def test_narrowing_a_key_does_not_enlarge_its_role(
    laid: Ground, caller: Caller, keys: Mapping[str, str], operation: Operation
) -> None:
    narrowed = f"Bearer {laid.name}/{keys[str(smaller(operation.role))]}"

    reply = await ask(caller, operation, {**laid.places, "new": laid.new()}, narrowed)

    assert refusal_of(reply) == (403, "forbidden")


@named(one for one in ABOUT_PROJECTS if one.is_of_a_project or may("author", one))
@pytest.mark.parametrize("narrowed", ["", f"{RESTRICTED}/"], ids=["as-it-is", "narrowed"])
async def test_a_restricted_project_is_nothing_to_who_is_no_member(
    restricted: Ground, caller: Caller, keys: Mapping[str, str], operation: Operation, narrowed: str
) -> None:
    header, places = f"Bearer {narrowed}{keys['author']}", {**restricted.places, "new": restricted.new()}
    nowhere = {**places, "project": "never-was", "home": "never-was"}

    shut = await ask(caller, operation, places, header)
    absent = await ask(caller, operation, nowhere, header)

    assert shut.status == 404, shut.raw
    assert seen(blind(shut, places, nowhere)) == seen(absent)


@named(IN_PROJECTS)
async def test_a_member_may_do_in_a_restricted_project_what_its_role_may(
    restricted: Ground, caller: Caller, members: Mapping[str, str], operation: Operation
) -> None:
    row = ROWS[operation.id]

    reply = await ask(caller, operation, await restricted.for_row(row), f"Bearer {members[operation.role]}")

    assert reply.status == row.status, reply.raw


async def test_a_restricted_project_is_listed_to_members_alone(
    restricted: Ground, caller: Caller, keys: Mapping[str, str], members: Mapping[str, str]
) -> None:
    path = f"/v1/projects?search={RESTRICTED}"

    replies = [await caller.call("GET", path, authorization=f"Bearer {held['author']}") for held in (keys, members)]

    assert [RESTRICTED in {one["handle"] for one in reply.items} for reply in replies] == [False, True]
