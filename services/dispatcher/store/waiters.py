"""Long polls: claims that found nothing wait here and are woken by jobs that fit, one waiter for each job."""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from itertools import islice

from libs.chassis.loops.signals import Signal
from services.dispatcher.store.claims import Lane, Wanted


@dataclass(eq=False, slots=True)
class Waiter:
    """One parked claim. `woken` is set when a job that fits may be there."""

    wanted: Wanted
    woken: Signal = field(default_factory=Signal)


class Waiters:
    """Parked claims, oldest first. Register, then look, then wait: a job that comes in between wakes the waiter."""

    def __init__(self) -> None:
        self._by_wanted: dict[Wanted, dict[Waiter, None]] = {}

    def __len__(self) -> int:
        return sum(len(waiters) for waiters in self._by_wanted.values())

    @contextmanager
    def parked(self, wanted: Wanted) -> Iterator[Waiter]:
        """Registers a waiter for as long as its claim is open. One that leaves although it was woken wakes the next."""
        waiter = Waiter(wanted)
        alike = self._by_wanted.setdefault(wanted, {})
        alike[waiter] = None
        try:
            yield waiter
        finally:
            del alike[waiter]
            if waiter.woken.is_set():
                _wake_some(alike, 1)
            if not alike and self._by_wanted.get(wanted) is alike:
                del self._by_wanted[wanted]

    def wake(self, lane: Lane, jobs: int) -> None:
        """Wakes as many waiters as there are jobs, never all."""
        for wanted, alike in self._by_wanted.items():
            if not wanted.fits(lane):
                continue
            jobs -= _wake_some(alike, jobs)
            if jobs == 0:
                return


def _wake_some(alike: Iterable[Waiter], jobs: int) -> int:
    """Wakes up to so many of the sleeping; answers how many it were."""
    sleeping = list(islice((waiter for waiter in alike if not waiter.woken.is_set()), jobs))
    for waiter in sleeping:
        waiter.woken.set()
    return len(sleeping)
