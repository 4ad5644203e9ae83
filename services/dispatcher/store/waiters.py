"""Long polls: claims that found nothing wait here until jobs that fit wake them, as many as there is work for."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from libs.chassis.loops.signals import Signal
from services.dispatcher.store.claims import Lane, Wanted


@dataclass(eq=False, slots=True)
class Waiter:
    """One parked claim of at most so many jobs. `woken` is set when some that fit may be there: about `due`."""

    wanted: Wanted
    most: int = 1
    woken: Signal = field(default_factory=Signal)
    due: int = 0


class Waiters:
    """Parked claims, oldest first. Register, then look, then wait: a job that comes in between wakes the waiter."""

    def __init__(self) -> None:
        self._by_wanted: dict[Wanted, dict[Waiter, None]] = {}

    def __len__(self) -> int:
        return sum(len(waiters) for waiters in self._by_wanted.values())

    @contextmanager
    def parked(self, wanted: Wanted, most: int = 1) -> Iterator[Waiter]:
        """Registers a waiter for as long as its claim is open. One that leaves although it was woken wakes others."""
        waiter = Waiter(wanted, most)
        alike = self._by_wanted.setdefault(wanted, {})
        alike[waiter] = None
        try:
            yield waiter
        finally:
            del alike[waiter]
            if waiter.woken.is_set():
                _wake_some(alike, waiter.due)
            if not alike and self._by_wanted.get(wanted) is alike:
                del self._by_wanted[wanted]

    def wake(self, lane: Lane, jobs: int) -> None:
        """Wakes as many waiters as these jobs are enough for, never all."""
        for wanted, alike in self._by_wanted.items():
            if not wanted.fits(lane):
                continue
            jobs -= _wake_some(alike, jobs)
            if jobs == 0:
                return


def _wake_some(alike: Iterable[Waiter], jobs: int) -> int:
    """Wakes sleepers until they take so many jobs; answers how many jobs that accounts for."""
    left = jobs
    for waiter in alike:
        if left == 0:
            break
        if not waiter.woken.is_set():
            waiter.due = min(waiter.most, left)
            left -= waiter.due
            waiter.woken.set()
    return jobs - left
