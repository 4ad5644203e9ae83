"""A thousand calls that wait: of those only the ones end whose key has ended, and none is forgotten."""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass

import pytest

from libs.chassis.http import Principal, Role
from libs.chassis.http.authentication import Authentication
from libs.chassis.http.errors import NOT_FOUND, UNAUTHORIZED
from libs.chassis.http.open_calls import Ending, OpenCalls, Ticket
from tests.doubles.door import FakeAuthenticator, FakeProjects

KEYS, CALLS = 250, 1_000
PROJECTS = ("acme", "other")
REVOKED = range(0, KEYS, 7)


@dataclass
class Crowd:
    """`waiting[n]` is held with the key `n % KEYS`; two each of a key's four calls are to the same project."""

    keys: FakeAuthenticator
    projects: FakeProjects
    calls: OpenCalls
    waiting: Sequence[tuple[Ticket, Ending]]

    def of(self, key: int) -> list[Ending]:
        return [ending for _, ending in self.waiting[key::KEYS]]

    def revoke(self, key: int) -> None:
        self.keys.revoke(f"mbx_{key}")

    def ended(self) -> set[int]:
        """Which of them."""
        return {number for number, (_, ending) in enumerate(self.waiting) if ending.is_set()}

    def expected(self, keys: Sequence[int]) -> set[int]:
        return {number for key in keys for number in range(key, CALLS, KEYS)}


@pytest.fixture
def crowd() -> Crowd:
    keys, projects = FakeAuthenticator(), FakeProjects()
    keys.keys |= {f"mbx_{number}": Principal(f"key_{number}", Role.WORKER, None) for number in range(KEYS)}
    calls = OpenCalls(Authentication(keys, projects), keys, (TimeoutError,))
    tickets = [
        Ticket(f"Bearer mbx_{number % KEYS}", PROJECTS[number // KEYS % 2], Role.WORKER) for number in range(CALLS)
    ]
    return Crowd(keys, projects, calls, [(ticket, calls.enter(ticket)) for ticket in tickets])


async def test_only_the_calls_of_keys_that_were_revoked_end(crowd: Crowd) -> None:
    for key in REVOKED:
        crowd.revoke(key)
    await crowd.calls.look()

    assert crowd.ended() == crowd.expected(REVOKED)
    assert {ending.refusal for key in REVOKED for ending in crowd.of(key)} == {UNAUTHORIZED}


async def test_none_is_forgotten_however_often_something_ends(crowd: Crowd) -> None:
    for key in range(KEYS):
        crowd.revoke(key)
        if key % 50 == 49:
            await crowd.calls.look()
            assert crowd.ended() == crowd.expected(range(key + 1))

    assert len(crowd.ended()) == CALLS


async def test_only_the_calls_to_a_project_that_is_gone_end(crowd: Crowd) -> None:
    crowd.projects.handles.remove("other")
    crowd.keys.version += 1
    await crowd.calls.look()

    gone = {number for number, (ticket, _) in enumerate(crowd.waiting) if ticket.project == "other"}
    assert crowd.ended() == gone
    assert {crowd.waiting[number][1].refusal for number in gone} == {NOT_FOUND}


async def test_a_key_is_looked_up_once_for_all_its_calls_to_a_project(crowd: Crowd) -> None:
    crowd.keys.version += 1
    await crowd.calls.look()

    assert crowd.keys.lookups <= KEYS * len(PROJECTS)
    assert crowd.ended() == set()


async def test_calls_that_come_and_go_during_a_look_take_no_others_along(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked, going_on = asyncio.Event(), asyncio.Event()
    real = crowd.keys.principal

    async def slow(token: str) -> Principal | None:
        asked.set()
        await going_on.wait()
        return await real(token)

    monkeypatch.setattr(crowd.keys, "principal", slow)
    for key in REVOKED:
        crowd.revoke(key)
    look = asyncio.create_task(crowd.calls.look())
    await asked.wait()
    left = crowd.expected([0, 1])
    for number in left:
        crowd.calls.leave(*crowd.waiting[number])
    late = [(ticket, crowd.calls.enter(ticket)) for ticket in (crowd.waiting[0][0], crowd.waiting[2][0])]
    crowd.revoke(3)
    going_on.set()
    await look
    await crowd.calls.look()

    assert crowd.ended() == crowd.expected([*REVOKED, 3]) - left
    assert [ending.is_set() for _, ending in late] == [True, False]


async def test_what_changes_during_a_look_is_seen_by_the_next(crowd: Crowd, monkeypatch: pytest.MonkeyPatch) -> None:
    real, asked, going_on = crowd.keys.principal, set[str](), asyncio.Event()

    async def slow_at_the_end(token: str) -> Principal | None:
        found = await real(token)
        asked.add(token)
        if len(asked) == KEYS:
            going_on.set()
        await going_on.wait()
        return found

    monkeypatch.setattr(crowd.keys, "principal", slow_at_the_end)
    crowd.keys.version += 1
    look = asyncio.create_task(crowd.calls.look())
    await going_on.wait()
    crowd.revoke(3)
    await look
    await crowd.calls.look()

    assert crowd.ended() == crowd.expected([3])


async def test_one_that_cannot_be_told_holds_up_no_other_and_is_asked_again(
    crowd: Crowd, monkeypatch: pytest.MonkeyPatch
) -> None:
    real, away = crowd.keys.principal, {"mbx_7"}

    async def sometimes(token: str) -> Principal | None:
        if token in away:
            raise TimeoutError("the topics are away")
        return await real(token)

    monkeypatch.setattr(crowd.keys, "principal", sometimes)
    for key in REVOKED:
        crowd.revoke(key)
    with pytest.raises(TimeoutError):
        await crowd.calls.look()
    assert crowd.ended() == crowd.expected(REVOKED) - crowd.expected([7])

    away.clear()
    await crowd.calls.look()
    assert crowd.ended() == crowd.expected(REVOKED)


async def test_when_all_have_left_nobody_is_asked_any_more(crowd: Crowd) -> None:
    for ticket, ending in crowd.waiting:
        crowd.calls.leave(ticket, ending)
    crowd.revoke(0)
    await crowd.calls.look()

    assert crowd.keys.lookups == 0
