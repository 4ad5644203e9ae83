import asyncio

from libs.access import Access
from libs.access.access import KEYS, PROJECTS
from libs.chassis.http import Principal, Role
from libs.contracts.api_keys import token_sha256
from libs.contracts.events.catalog import ApiKeyState, ProjectState
from tests.doubles.clock import FakeClock

TOKEN = "mbx_sesame"
HOLDER = Principal("key_1", Role.ADMIN, None)


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
    topics.unread.append(ProjectState(project_id="prj_1", handle="blue", name="Blue"))

    assert await topics.access.exists("blue")
    assert not await topics.access.exists("green")


async def test_a_revoked_key_is_refused_without_a_look() -> None:
    topics = Topics()
    topics.access.keys.apply("key_1", key(revoked=True))

    assert await topics.access.principal(TOKEN) is None
    assert topics.looks == 0


async def test_an_unknown_key_is_not_looked_for_again_within_a_second() -> None:
    topics = Topics()
    assert [await topics.access.principal("mbx_wrong") for _ in range(10)] == [None] * 10
    assert topics.looks == 1

    topics.clock.advance(1)
    await topics.access.principal("mbx_wrong")
    assert topics.looks == 2


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
