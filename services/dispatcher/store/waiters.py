"""Long polls: claims that found nothing wait here, oldest first.

A job that arrives is handed to a waiter that fits, in the statement that would have put it into the queue; jobs that
come in other ways wake as many waiters as there is work for. Register, then look, then wait: so nothing is missed.
"""

from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field

from libs.chassis.loops.signals import Signal
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.store.claims import Claim
from services.dispatcher.store.lanes import Lane, Wanted


@dataclass(eq=False, slots=True)
class Waiter:
    """One parked claim. `woken` is set when jobs were handed to it, or when some that fit may be there: about `due`.

    `idle`: it has looked and found nothing. `reserved` jobs are being handed to it: a commit is under way.
    """

    claim: Claim
    woken: Signal = field(default_factory=Signal)
    due: int = 0
    idle: bool = False
    reserved: int = 0
    handed: list[Lease] = field(default_factory=list)

    @property
    def takes_more(self) -> bool:
        return self.idle and not self.woken.is_set() and self.reserved < self.claim.most

    def settle(self, lease: Lease | None) -> None:
        """The commit that it was reserved for is over; without a lease it looks for itself."""
        self.reserved -= 1
        if lease is not None:
            self.handed.append(lease)
        if not self.reserved:
            self.woken.set()

    async def leave(self) -> list[Lease]:
        """What it was handed. A commit that is under way is waited for: its lease is for nobody else."""
        self.idle = False
        while self.reserved:
            self.woken.clear()
            await self.woken.wait()
        handed, self.handed = self.handed, []
        return handed


class Waiters:
    """All parked claims of this process."""

    def __init__(self) -> None:
        self._by_wanted: dict[Wanted, dict[Waiter, None]] = {}

    def __len__(self) -> int:
        return sum(len(waiters) for waiters in self._by_wanted.values())

    @contextmanager
    def parked(self, claim: Claim) -> Iterator[Waiter]:
        """Registers a waiter for as long as its claim is open. One that leaves although it was woken wakes others."""
        waiter = Waiter(claim)
        alike = self._by_wanted.setdefault(claim.wanted, {})
        alike[waiter] = None
        try:
            yield waiter
        finally:
            del alike[waiter]
            if waiter.woken.is_set():
                _wake_some(alike, waiter.due)
            if not alike and self._by_wanted.get(claim.wanted) is alike:
                del self._by_wanted[claim.wanted]

    def any_idle(self, wanted: Wanted) -> bool:
        """Whether somebody waits for the same and has found nothing: another one need not look."""
        return any(waiter.takes_more for waiter in self._by_wanted.get(wanted, ()))

    def reserve(self, lane: Lane) -> Waiter | None:
        """A waiter for one job of this lane, to be settled whatever becomes of it."""
        for wanted, alike in self._by_wanted.items():
            if wanted.fits(lane):
                for waiter in alike:
                    if waiter.takes_more:
                        waiter.reserved += 1
                        return waiter
        return None

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
        if not waiter.woken.is_set() and not waiter.reserved:
            waiter.due = min(waiter.claim.most, left)
            left -= waiter.due
            waiter.woken.set()
    return jobs - left
