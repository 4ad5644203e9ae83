"""Turns are waited for, but not for ever."""

import asyncio
from datetime import timedelta

import pytest

from libs.chassis.db.errors import Overloaded
from libs.chassis.db.turns import Turns


async def test_a_turn_that_does_not_come_is_refused_and_takes_nobody_elses() -> None:
    turns = Turns("test", timedelta(milliseconds=10))
    async with turns:
        with pytest.raises(Overloaded, match="expected a turn at test"):
            await turns.acquire()
    async with turns:
        assert turns.locked()
    assert not turns.locked()


async def test_a_turn_that_comes_in_time_is_taken() -> None:
    turns = Turns("test", timedelta(seconds=20))
    await turns.acquire()
    waiting = asyncio.create_task(turns.acquire())
    await asyncio.sleep(0)
    turns.release()
    assert await waiting
