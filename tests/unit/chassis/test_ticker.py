"""A loop outlives what passes by itself."""

import asyncio
from datetime import timedelta

import pytest

from libs.chassis.db.errors import Overloaded, Unavailable
from libs.chassis.loops.ticker import Ticker


@pytest.mark.parametrize("passing", [Unavailable("away"), Overloaded("too many")])
async def test_a_step_that_has_to_wait_is_run_again(passing: Exception) -> None:
    steps = 0
    again = asyncio.Event()

    async def step() -> bool:
        nonlocal steps
        steps += 1
        if steps == 1:
            raise passing
        again.set()
        return False

    ticker = Ticker("test", step, timedelta(milliseconds=1))
    await ticker.start()
    async with asyncio.timeout(5):
        await again.wait()
    assert ticker.ready() is None
    await ticker.stop()
