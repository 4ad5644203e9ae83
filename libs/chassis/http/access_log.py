"""One line for a request that is worth one: refused, failed, slow, or drawn by lot. No bodies, no queries, no keys."""

import random

from aiohttp.web import BaseRequest

from libs.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

_LONGEST_PATH = 256


class AccessLog:
    """Decides cheaply, then writes."""

    def __init__(self, slow_seconds: float, ratio: float) -> None:
        self._slow_seconds = slow_seconds
        self._ratio = ratio

    def note(self, request: BaseRequest, operation: str, status: int, seconds: float, *, waits: bool) -> None:
        """Called once per request. `waits`: taking long is this operation's work."""
        slow = seconds > self._slow_seconds and not waits
        if status < 400 and not slow and not (self._ratio and random.random() < self._ratio):  # noqa: S311
            return
        write = log.error if status == 500 else log.warning if slow or status > 500 else log.info
        write(
            "request_answered",
            operation=operation,
            method=request.method,
            path=request.raw_path.partition("?")[0][:_LONGEST_PATH],
            status=status,
            ms=round(seconds * 1_000, 1),
            slow=slow,
        )
