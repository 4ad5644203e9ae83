import asyncio
from datetime import timedelta
from itertools import pairwise

import pytest

from libs.chassis.bus.looks import SharedLooks

NO_PAUSE = timedelta()


class Gate:
    """A look that lasts until it is let go."""

    def __init__(self) -> None:
        self.begun = 0
        self.beginning = asyncio.Event()
        self.go = asyncio.Event()

    async def look(self) -> None:
        self.begun += 1
        self.beginning.set()
        await self.go.wait()


async def test_a_call_during_a_look_gets_a_later_one() -> None:
    gate = Gate()
    looks = SharedLooks(gate.look, NO_PAUSE)
    first = asyncio.create_task(looks.look())
    await gate.beginning.wait()
    second = asyncio.create_task(looks.look())
    gate.go.set()
    await asyncio.gather(first, second)

    assert gate.begun == 2


async def test_looks_begin_a_pause_apart() -> None:
    began: list[float] = []
    loop = asyncio.get_running_loop()

    async def look() -> None:
        began.append(loop.time())

    looks = SharedLooks(look, timedelta(milliseconds=20))
    for _ in range(3):
        await looks.look()

    assert all(later - earlier >= 0.019 for earlier, later in pairwise(began))


async def test_who_gives_up_does_not_take_the_look_away_from_others() -> None:
    gate = Gate()
    looks = SharedLooks(gate.look, NO_PAUSE)
    impatient, patient = asyncio.create_task(looks.look()), asyncio.create_task(looks.look())
    await gate.beginning.wait()
    impatient.cancel()
    gate.go.set()
    await patient

    assert gate.begun == 1


async def test_a_look_that_fails_fails_for_those_who_wait_and_the_next_one_is_tried() -> None:
    outcomes = iter([OSError("away"), None])

    async def look() -> None:
        outcome = next(outcomes)
        if outcome is not None:
            raise outcome

    looks = SharedLooks(look, NO_PAUSE)
    with pytest.raises(OSError, match="away"):
        await looks.look()
    await looks.look()
