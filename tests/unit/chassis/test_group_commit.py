"""Requests that wait together are served together; each gets its own answer."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager

import pytest

from libs.chassis.db.errors import Overloaded, Unavailable
from libs.chassis.loops.group_commit import DEFAULT_LIMITS, GroupCommit, QueueLimits, Serve


@asynccontextmanager
async def running(serve: Serve[int, int], limits: QueueLimits = DEFAULT_LIMITS) -> AsyncIterator[GroupCommit[int, int]]:
    group = GroupCommit("test", serve, limits)
    await group.start()
    yield group
    await group.stop()


class Desk:
    """Doubles numbers; the first batch waits until it is let through."""

    def __init__(self) -> None:
        self.batches: list[list[int]] = []
        self.open = asyncio.Event()

    async def serve(self, numbers: Sequence[int]) -> Sequence[int | Exception]:
        self.batches.append(list(numbers))
        await self.open.wait()
        return [ValueError(str(number)) if number < 0 else 2 * number for number in numbers]


async def test_requests_that_come_while_one_is_served_share_the_next_batch() -> None:
    desk = Desk()
    async with running(desk.serve) as group:
        first = asyncio.create_task(group.submit(1))
        while not desk.batches:
            await asyncio.sleep(0)
        rest = [asyncio.create_task(group.submit(number)) for number in (2, 3, 4)]
        await asyncio.sleep(0)
        desk.open.set()
        assert await asyncio.gather(first, *rest) == [2, 4, 6, 8]
    assert desk.batches == [[1], [2, 3, 4]]


async def test_an_answer_that_is_an_exception_is_raised_for_its_request_only() -> None:
    desk = Desk()
    desk.open.set()
    async with running(desk.serve) as group:
        answers = await asyncio.gather(group.submit(1), group.submit(-5), return_exceptions=True)
    assert answers[0] == 2
    assert isinstance(answers[1], ValueError)


async def test_a_failing_batch_fails_its_requests_and_the_next_is_served() -> None:
    calls: list[int] = []

    async def serve(numbers: Sequence[int]) -> Sequence[int]:
        calls.append(len(numbers))
        if len(calls) == 1:
            raise ConnectionError("away")
        return list(numbers)

    async with running(serve) as group:
        with pytest.raises(ConnectionError):
            await group.submit(1)
        assert await group.submit(2) == 2


async def test_too_many_waiting_requests_are_refused() -> None:
    desk = Desk()
    async with running(desk.serve, QueueLimits(requests=1)) as group:
        first = asyncio.create_task(group.submit(1))
        while not desk.batches:
            await asyncio.sleep(0)
        second = asyncio.create_task(group.submit(2))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded):
            await group.submit(3)
        desk.open.set()
        assert [await first, await second] == [2, 4]


async def test_who_has_waited_too_long_is_refused_and_not_served() -> None:
    desk = Desk()
    async with running(desk.serve, QueueLimits(seconds=0.01)) as group:
        first = asyncio.create_task(group.submit(1))
        while not desk.batches:
            await asyncio.sleep(0)
        late = [asyncio.create_task(group.submit(number)) for number in (2, 3)]
        answers = await asyncio.gather(*late, return_exceptions=True)
        assert [type(answer) for answer in answers] == [Overloaded, Overloaded]
        assert group.waiting == 0
        desk.open.set()
        assert await first == 2  # what has begun is ended, however long it takes
        assert await group.submit(4) == 8
    assert desk.batches == [[1], [4]]


async def test_a_request_whose_caller_is_gone_is_not_served() -> None:
    desk = Desk()
    async with running(desk.serve) as group:
        first = asyncio.create_task(group.submit(1))
        while not desk.batches:
            await asyncio.sleep(0)
        gone = asyncio.create_task(group.submit(2))
        await asyncio.sleep(0)
        gone.cancel()
        await asyncio.gather(gone, return_exceptions=True)
        desk.open.set()
        assert await first == 2
        assert await group.submit(3) == 6
    assert desk.batches == [[1], [3]]


async def test_a_batch_that_is_being_served_is_answered_before_the_end() -> None:
    desk = Desk()
    group = GroupCommit("test", desk.serve)
    await group.start()
    asked = asyncio.create_task(group.submit(1))
    while not desk.batches:
        await asyncio.sleep(0)
    ending = asyncio.create_task(group.stop())
    await asyncio.sleep(0)
    desk.open.set()
    await ending
    async with asyncio.timeout(1):
        assert await asked == 2


async def test_who_comes_after_the_end_is_refused_and_does_not_wait_for_ever() -> None:
    desk = Desk()
    desk.open.set()
    async with running(desk.serve) as group:
        assert await group.submit(1) == 2
    async with asyncio.timeout(1):
        with pytest.raises(Unavailable, match="has ended"):
            await group.submit(2)
