"""Whether anything has happened that a page might show: one look for all who watch, and none while nobody does."""

import asyncio
from collections.abc import Awaitable, Callable, Iterator
from contextlib import contextmanager
from typing import Final

from libs.chassis.db.errors import Unavailable
from libs.chassis.http import Call
from libs.chassis.loops.background import background
from libs.chassis.loops.signals import Signal
from libs.chassis.telemetry.logging import get_logger

BEAT_SECONDS: Final = 0.5

log = get_logger(__name__)


class Pulse:
    """Component. `mark` answers something that differs whenever anything was recorded, by whichever replica."""

    def __init__(self, mark: Callable[[], Awaitable[object]]) -> None:
        self._mark = mark
        self._last: object = None
        self._watchers = 0
        self._wanted = asyncio.Event()
        self._task: asyncio.Task[None] | None = None
        self.beat = Signal()
        """Set at the next change, and then replaced by another."""

    async def start(self) -> None:
        self._task = background(self._run(), "dashboard-pulse")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def ready(self) -> str | None:
        return None

    @contextmanager
    def watched(self) -> Iterator[None]:
        """While somebody watches."""
        self._watchers += 1
        self._wanted.set()
        try:
            yield
        finally:
            self._watchers -= 1
            if not self._watchers:
                self._wanted.clear()

    async def after(self, beat: Signal, call: Call[None, None], rest_seconds: float) -> None:
        """Returns at the change that `beat` stands for, but not before the rest is over; or when the call is."""
        await call.until(Signal(), rest_seconds)
        while not (beat.is_set() or call.over or call.draining.is_set()):
            await call.until(beat, 60)

    async def _run(self) -> None:
        while True:
            await self._wanted.wait()
            try:
                mark = await self._mark()
            except Unavailable as error:
                log.warning("pulse_not_taken", error=str(error))
            else:
                if mark != self._last:
                    self._last = mark
                    beat, self.beat = self.beat, Signal()
                    beat.set()
            await asyncio.sleep(BEAT_SECONDS)
