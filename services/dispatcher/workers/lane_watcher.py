"""The lane watcher: the floor under in-memory wake-ups. It sees jobs that another replica committed."""

from collections.abc import Sequence
from time import monotonic

from services.dispatcher.store.lanes import Lane, LaneBook
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.waiters import Waiters
from services.dispatcher.workers.executor import Executor

WAKE_AT_MOST = 10
"""Waiters woken per lane and look: that jobs and waiters meet here at all is the exception."""
REST = 50
"""A look that takes long, over what an old transaction keeps from being cleared away, is followed by as many rests."""
MOST_REST_SECONDS = 10
"""One that was only held up once must not leave jobs that another replica committed unseen for a minute."""


class LaneWatcher:
    """One step of the loop, about once a second."""

    def __init__(self, queue: Queue, book: LaneBook, waiters: Waiters, executors: Sequence[Executor]) -> None:
        self._queue = queue
        self._book = book
        self._waiters = waiters
        self._executors = executors
        self._next_look = 0.0

    async def step(self) -> bool:
        self._book.tick()
        began = monotonic()
        if began >= self._next_look:
            looked = self._book.now()
            sightings = await self._queue.find_lanes()
            self._next_look = monotonic() + min(REST * (monotonic() - began), MOST_REST_SECONDS)
            self._book.sighted(sightings, looked)
            for lane, _ in sightings:
                self._wake(lane, WAKE_AT_MOST)
        return False

    def notice(self, lane: Lane, jobs: int) -> None:
        """Jobs were committed in this lane."""
        self._book.note(lane)
        self._wake(lane, jobs)

    def _wake(self, lane: Lane, jobs: int) -> None:
        """Workers first, then whoever of ours is responsible."""
        self._waiters.wake(lane, jobs)
        for executor in self._executors:
            executor.notice(lane)
