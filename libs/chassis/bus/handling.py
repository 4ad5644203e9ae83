"""A handler, held to its time. One that hangs has failed, unless the database is what it waits for."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

from libs.chassis.bus.batch import Effects, Heard
from libs.chassis.bus.positions import read_positions
from libs.chassis.db.link import Link

Handler = Callable[[Sequence[Heard]], Awaitable[Effects]]

TRIES = 5
"""How often a record is handled before it is set aside and its stream is parked."""
RETRY_DELAY = timedelta(milliseconds=200)
"""Pause after the first failure; it grows with every further one."""


class HandlerHung(Exception):
    """The handler did not answer in its time, although the database does."""


class Handling:
    """Calls the handler. Raises what it raises, `HandlerHung`, and `Unavailable` when the database is away."""

    def __init__(self, handle: Handler, link: Link, within: timedelta) -> None:
        self.handle = handle
        self._link = link
        self._within = within.total_seconds()

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        limit = asyncio.timeout(self._within)
        try:
            async with limit:
                return await self.handle(heard)
        except TimeoutError as error:
            if not limit.expired():
                raise
            await read_positions(self._link)
            raise HandlerHung(f"expected an answer within {self._within:g} s, but there was none") from error


async def pause_after(failures: int) -> None:
    """Waits before the next try."""
    await asyncio.sleep(RETRY_DELAY.total_seconds() * failures)


def sentence(error: Exception) -> str:
    """What dead letters and parked streams say of a handler that failed."""
    return f"the handler failed {TRIES} times, at last with {type(error).__name__}: {error}"
