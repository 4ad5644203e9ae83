"""Looks at the topics' present end, shared by everybody who misses something, and not more of them than needed."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta

Look = Callable[[], Awaitable[None]]

PAUSE = timedelta(milliseconds=50)
"""Between the beginnings of two looks: many that miss at once wait for the same one."""


class SharedLooks:
    """`look` returns after a look that began after the call, so that it has seen all that was there at the call."""

    def __init__(self, look: Look, pause: timedelta = PAUSE) -> None:
        self._look = look
        self._pause = pause.total_seconds()
        self._next: asyncio.Task[None] | None = None
        self._running: set[asyncio.Task[None]] = set()
        self._earliest = 0.0

    async def look(self) -> None:
        """Waits for the next look. One that waits and is given up does not take the others' look with it."""
        if self._next is None:
            self._next = asyncio.create_task(self._run(), name="shared-look")
            self._running.add(self._next)
            self._next.add_done_callback(self._running.discard)
        await asyncio.shield(self._next)

    async def _run(self) -> None:
        loop = asyncio.get_running_loop()
        await asyncio.sleep(max(0.0, self._earliest - loop.time()))
        self._earliest = loop.time() + self._pause
        self._next = None
        await self._look()
