"""Taking turns, but not for ever: who waited too long is told so before anything was written."""

import asyncio
from datetime import timedelta
from typing import Literal

from libs.chassis.db.errors import Overloaded


class Turns(asyncio.Lock):
    """A lock whose waiters give up after a while. Raises `Overloaded`."""

    def __init__(self, name: str, within: timedelta) -> None:
        super().__init__()
        self._name = name
        self._within = within.total_seconds()

    async def acquire(self) -> Literal[True]:
        if not self.locked():
            return await super().acquire()
        try:
            async with asyncio.timeout(self._within):
                return await super().acquire()
        except TimeoutError:
            raise Overloaded(f"expected a turn at {self._name} within {self._within:g} s, but others took it") from None
