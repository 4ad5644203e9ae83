"""The lane watcher: the floor under in-memory wake-ups. It sees jobs that another replica committed."""

from collections.abc import Sequence

from services.dispatcher.store.claims import Lane
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.waiters import Waiters
from services.dispatcher.workers.executor import Executor

WAKE_AT_MOST = 10
"""Waiters woken per lane and look: that jobs and waiters meet here at all is the exception."""


class LaneWatcher:
    """One step of the loop."""

    def __init__(self, queue: Queue, waiters: Waiters, executors: Sequence[Executor]) -> None:
        self._queue = queue
        self._waiters = waiters
        self._executors = executors

    async def step(self) -> bool:
        for lane in await self._queue.find_lanes():
            self.notice(lane, WAKE_AT_MOST)
        return False

    def notice(self, lane: Lane, jobs: int) -> None:
        """Jobs wait in this lane: workers first, then whoever of ours is responsible."""
        self._waiters.wake(lane, jobs)
        for executor in self._executors:
            executor.notice(lane)
