"""A loop that runs a step whenever it is woken, and at the latest after an interval."""

import asyncio
from collections.abc import Awaitable, Callable
from contextlib import suppress
from datetime import timedelta

import structlog

from libs.chassis.db.errors import Unavailable
from libs.chassis.loops.background import background

log = structlog.get_logger(__name__)


class Ticker:
    """Component. The step answers whether it found a full batch, in which case it runs again at once.

    A dependency that is away or overloaded is waited for; any other exception ends the process, since it is a bug.
    """

    def __init__(self, name: str, step: Callable[[], Awaitable[bool]], every: timedelta) -> None:
        self.name = name
        self._step = step
        self._every = every
        self._wake = asyncio.Event()
        self.task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        self.task = background(self._run(), self.name)

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)

    def ready(self) -> str | None:
        return None if self.task is not None and not self.task.done() else f"{self.name} is not running"

    def wake(self) -> None:
        """Runs the step soon."""
        self._wake.set()

    async def _run(self) -> None:
        while True:
            try:
                if await self._step():
                    continue
            except Unavailable as error:
                log.warning("loop_waits", loop=self.name, error=str(error))
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), self._every.total_seconds())
            self._wake.clear()
