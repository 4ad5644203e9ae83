"""What is at work at one time: requests, their bodies, event streams. What would be too much is refused with 503."""

import asyncio

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import BUSY, HEAVY
from libs.chassis.http.limits import HttpLimits
from libs.chassis.http.metrics import DoorMetrics


class Room:
    """Counts. `emptied` is set while nothing is at work."""

    def __init__(self, limits: HttpLimits, metrics: DoorMetrics) -> None:
        self._limits = limits
        self._requests = 0
        self._streams = 0
        self._bytes = 0
        self.emptied = asyncio.Event()
        self.emptied.set()
        metrics.at_work.set_function(lambda: self._requests)
        metrics.streams.set_function(lambda: self._streams)
        metrics.held.set_function(lambda: self._bytes)

    def enter(self) -> None:
        self._requests += 1
        self.emptied.clear()

    def leave(self) -> None:
        self._requests -= 1
        if not self._requests:
            self.emptied.set()

    def refusal(self) -> Rejected | None:
        """Why a request that has entered cannot be answered, if that is so."""
        return BUSY if self._requests > self._limits.max_requests else None

    def hold(self, size: int) -> Rejected | None:
        """Takes the bytes of a body in, to be released with `let_go`, or says why not. One body always fits."""
        if self._bytes and self._bytes + size > self._limits.max_held_bytes:
            return HEAVY
        self._bytes += size
        return None

    def let_go(self, size: int) -> None:
        self._bytes -= size

    def begin_stream(self) -> bool:
        """Whether one more stream may be sent; then `end_stream` has to follow."""
        if self._streams >= self._limits.max_streams:
            return False
        self._streams += 1
        return True

    def end_stream(self) -> None:
        self._streams -= 1
