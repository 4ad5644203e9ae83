import asyncio
from dataclasses import replace

import pytest

from libs.access import Access
from libs.access.access import KEYS, PROJECTS
from libs.chassis.http import Principal, Role
from libs.contracts.api_keys import token_sha256
from libs.contracts.events.catalog import ApiKeyState, ProjectState
from tests.doubles.clock import FakeClock

TOKEN = "mbx_sesame"
HOLDER = Principal("key_1", Role.ADMIN, None)
BORN = Principal("key_born", Role.VIEWER, "blue")
MEMBER = Principal("key_member", Role.AUTHOR, None)
NARROWED = Principal("key_member", Role.AUTHOR, "blue", narrowed=True)
STRANGER = Principal("key_stranger", Role.AUTHOR, None)


class Topics:
    """What is on the topics, and how often somebody looked."""

    def __init__(self) -> None:
        self.clock = FakeClock()
        self.access = Access(self.clock)
        self.access.read_with(self.look)
        self.unread: list[ApiKeyState | ProjectState] = []
        self.looks = 0

    async def look(self) -> None:
        self.looks += 1
        await asyncio.sleep(0)
        for state in self.unread:
            if isinstance(state, ApiKeyState):
                self.access.keys.apply(state.key_id, state)
            else:
                self.access.projects.apply(state.handle, state)
        self.unread.clear()


def key(**changes: object) -> ApiKeyState:
    fields = {"key_id": "key_1", "token_sha256": token_sha256(TOKEN), "name": "ci", "role": "admin"}
    return ApiKeyState.model_validate(fields | changes)


def project(**changes: object) -> ProjectState:
    return ProjectState.model_validate({"project_id": "prj_1", "handle": "blue", "name": "Blue"} | changes)


def test_the_replicas_are_those_of_the_catalogs_topics() -> None:
    assert [replica.topic for replica in Access(FakeClock()).replicas] == [KEYS, PROJECTS]


async def test_a_key_that_was_read_needs_no_look() -> None:
    topics = Topics()
    topics.access.keys.apply("key_1", key())

    assert await topics.access.principal(TOKEN) == HOLDER
    assert topics.looks == 0


async def test_a_key_that_was_just_published_is_found_by_a_look() -> None:
    topics = Topics()
    topics.unread.append(key())

    assert await topics.access.principal(TOKEN) == HOLDER


async def test_a_project_that_was_just_published_is_found_by_a_look() -> None:
    topics = Topics()
    topics.unread.append(project())

    assert await topics.access.admits(HOLDER, "blue")
    assert not await topics.access.admits(HOLDER, "green")


async def test_a_revoked_key_is_refused_without_a_look() -> None:
    topics = Topics()
    topics.access.keys.apply("key_1", key(revoked=True))

    assert await topics.access.principal(TOKEN) is None
    assert topics.looks == 0


async def test_a_key_that_was_just_missed_is_found_when_it_was_published_since() -> None:
    topics = Topics()
    assert await topics.access.principal(TOKEN) is None
    topics.unread.append(key())

    assert await topics.access.principal(TOKEN) == HOLDER


async def test_a_key_that_was_missed_works_as_soon_as_it_was_read() -> None:
    topics = Topics()
    await topics.access.principal(TOKEN)
    topics.access.keys.apply("key_1", key())

    assert await topics.access.principal(TOKEN) == HOLDER


async def test_many_unknown_keys_share_their_looks() -> None:
    topics = Topics()
    found = await asyncio.gather(*(topics.access.principal(f"mbx_{number}") for number in range(1_000)))

    assert set(found) == {None}
    assert topics.looks == 1


async def test_the_version_changes_with_the_keys() -> None:
    topics = Topics()
    before = topics.access.version
    topics.access.keys.apply("key_1", key())

    assert topics.access.version != before


async def test_the_version_changes_with_the_projects() -> None:
    topics = Topics()
    before = topics.access.version
    topics.access.projects.apply("blue", project())

    assert topics.access.version != before


@pytest.mark.parametrize("state", [{"deleted": True}, {"deleted": True, "archived": True}])
async def test_a_deleted_project_is_open_to_nobody_and_not_looked_for(state: dict[str, object]) -> None:
    topics = Topics()
    topics.access.projects.apply("blue", project(**state))

    assert not await topics.access.admits(HOLDER, "blue")
    assert not await topics.access.admits(BORN, "blue")
    assert topics.looks == 0


@pytest.mark.parametrize(
    ("principal", "admitted"), [(HOLDER, True), (BORN, True), (MEMBER, True), (NARROWED, True), (STRANGER, False)]
)
async def test_a_restricted_project_is_open_to_its_own_its_members_and_administrators(
    principal: Principal, *, admitted: bool
) -> None:
    topics = Topics()
    topics.access.projects.apply("blue", project(access_mode="restricted", members=["key_member"]))

    assert await topics.access.admits(principal, "blue") is admitted
    assert await topics.access.admits(replace(principal, key_id="key_other"), "blue") is (
        admitted and principal not in (MEMBER, NARROWED)
    )


async def test_a_member_that_was_just_added_is_found_by_a_look() -> None:
    topics = Topics()
    topics.access.projects.apply("blue", project(access_mode="restricted"))
    topics.unread.append(project(access_mode="restricted", members=["key_member"]))

    assert await topics.access.admits(MEMBER, "blue")


async def test_an_archived_project_is_closed_until_it_is_restored() -> None:
    topics = Topics()
    topics.access.projects.apply("blue", project(archived=True))
    refusal = await topics.access.closed("blue")
    assert refusal is not None
    assert (refusal.kind, refusal.code) == ("invalid_state", "project_archived")

    topics.unread.append(project())
    assert await topics.access.closed("blue") is None


async def test_uses_are_noted_with_their_latest_moment() -> None:
    topics = Topics()
    topics.access.used(HOLDER)
    topics.clock.advance(1)
    topics.access.used(HOLDER)

    assert topics.access.uses == {"key_1": topics.clock.now()}
