"""Lanes: where jobs wait, and from which position on. What spares claims the way over jobs that are long gone."""

from collections.abc import Iterable
from dataclasses import dataclass
from typing import NamedTuple

from services.dispatcher.domain.jobs import Job, Kind

MOST_REMEMBERED = 10_000
"""Lanes without jobs whose marks are kept."""


@dataclass(frozen=True, slots=True)
class Lane:
    """Jobs of one action in one queue, in the order in which they came."""

    project: str
    kind: Kind
    action: str
    queue: str


def lane_of(job: Job) -> Lane:
    """The lane that a job waits in."""
    return Lane(job.project, job.kind, job.action, job.queue)


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which jobs a claim may get. No actions, no queues: any."""

    project: str
    kind: Kind = "worker"
    actions: tuple[str, ...] = ()
    queues: tuple[str, ...] = ()

    def fits(self, lane: Lane) -> bool:
        return (
            self.project == lane.project
            and self.kind == lane.kind
            and (not self.actions or lane.action in self.actions)
            and (not self.queues or lane.queue in self.queues)
        )


class Sighting(NamedTuple):
    """A lane and the position of its first job."""

    lane: Lane
    position: int


@dataclass(slots=True)
class _Mark:
    """Claims begin behind `start`. They have come as far as `reached`, and had come to `settled` one tick ago."""

    start: int = 0
    settled: int = 0
    reached: int = 0
    noted: int = 0
    """When jobs were last heard of here, by the book's own count."""
    waiting: bool = True


class LaneBook:
    """Which lanes have jobs. Only hints, in the memory of one process: nothing is lost if they are wrong.

    A lane becomes known when jobs arrive in it here, or by a look at the whole queue, which sees what another replica
    committed and puts every mark right. A mark follows the claims a tick or two behind: positions are drawn before
    their transactions commit, so one that is passed at once might not have been visible yet.
    """

    def __init__(self) -> None:
        self._marks: dict[tuple[str, Kind], dict[Lane, _Mark]] = {}
        self._count = 0

    def now(self) -> int:
        """A moment by the book's own count: what was noted later is after it."""
        self._count += 1
        return self._count

    def note(self, lane: Lane) -> None:
        """Jobs were committed there."""
        mark = self._mark(lane)
        mark.noted, mark.waiting = self.now(), True

    def fitting(self, wanted: Wanted) -> list[tuple[Lane, int]]:
        """The lanes that may have jobs for a claim, each with the position behind which to begin."""
        marks = self._marks.get((wanted.project, wanted.kind), {})
        return [(lane, mark.start) for lane, mark in marks.items() if mark.waiting and wanted.fits(lane)]

    def reached(self, lane: Lane, position: int) -> None:
        """A claim took this job: it was the first that waited."""
        mark = self._mark(lane)
        mark.reached = max(mark.reached, position)

    def dry(self, lanes: Iterable[Lane], looked: int) -> None:
        """Whoever looked then has left nothing there, unless jobs have come since."""
        for lane in lanes:
            mark = self._mark(lane)
            mark.waiting = mark.noted > looked

    def tick(self) -> None:
        """About once a second: marks move up to where claims had come a tick ago."""
        for marks in self._marks.values():
            for mark in marks.values():
                mark.start = max(mark.start, mark.settled)
                mark.settled = mark.reached

    def sighted(self, sightings: Iterable[Sighting], looked: int) -> None:
        """What a look at the whole queue, begun then, found. It is right; a mark beyond it has passed a job."""
        seen = {lane: position - 1 for lane, position in sightings}
        for lane, before in seen.items():
            mark = self._mark(lane)
            mark.start, mark.settled, mark.reached = min(mark.start, before), min(mark.settled, before), before
            mark.waiting = True
        known = [lane for marks in self._marks.values() for lane in marks]
        self.dry((lane for lane in known if lane not in seen), looked)
        if len(known) > MOST_REMEMBERED:
            self._forget()

    def _forget(self) -> None:
        for key, marks in list(self._marks.items()):
            kept = {lane: mark for lane, mark in marks.items() if mark.waiting}
            self._marks[key] = kept
            if not kept:
                del self._marks[key]

    def _mark(self, lane: Lane) -> _Mark:
        marks = self._marks.setdefault((lane.project, lane.kind), {})
        mark = marks.get(lane)
        if mark is None:
            mark = marks[lane] = _Mark()
        return mark
