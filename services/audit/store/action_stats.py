"""How actions fare: how often they were called, how often in vain, and how long they took."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from operator import attrgetter
from typing import Final

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from services.audit.domain.durations import percentile_ms
from services.audit.domain.hours import hour_of

QUERIES = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class HourCount:
    """What finished within an hour."""

    hour: datetime
    succeeded: int
    failed: int


@dataclass(frozen=True, slots=True)
class ActionStats:
    """Over all hours from `since` on. The percentiles are of all invocations, to within a tenth (milliseconds);
    `per_hour` has the hours in which there was one, the first first."""

    count: int
    failed: int
    p50_ms: float | None
    p99_ms: float | None
    per_hour: Sequence[HourCount]


NO_STATS = ActionStats(0, 0, None, None, ())

NOTHING: Final[Mapping[str, ActionStats]] = {}
KEPT_FOR: Final = timedelta(seconds=5)
MOST_KEPT: Final = 200


class RecentStats:
    """Answers of `action_stats` for a moment longer. A page adds up 20,000 counters, and one that follows what happens
    would do so at every beat, for numbers of a whole day."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads
        self._kept: dict[tuple[str, tuple[str, ...], datetime], tuple[datetime, Mapping[str, ActionStats]]] = {}

    async def of(self, project: str, names: Sequence[str], since: datetime, now: datetime) -> Mapping[str, ActionStats]:
        """As of at most `KEPT_FOR` ago."""
        wanted = project, tuple(names), hour_of(since)
        asked_at, kept = self._kept.get(wanted, (None, NOTHING))
        if asked_at is not None and now - asked_at < KEPT_FOR:
            return kept
        found = await action_stats(self._reads, project, names, since)
        self._kept.pop(wanted, None)
        while len(self._kept) >= MOST_KEPT:
            del self._kept[next(iter(self._kept))]
        self._kept[wanted] = now, found
        return found


async def action_stats(reads: Reads, project: str, names: Sequence[str], since: datetime) -> Mapping[str, ActionStats]:
    """By action, from the hour of `since` on; an action that was not called since has `NO_STATS`."""
    found: dict[str, list[Row]] = {name: [] for name in names}
    for row in await reads.rows(QUERIES["sum_invocation_stats"], project, list(found), hour_of(since)):
        found[row["action_name"]].append(row)
    return {name: _stats(rows) if rows else NO_STATS for name, rows in found.items()}


def _stats(rows: Sequence[Row]) -> ActionStats:
    hours = [HourCount(row["hour"], row["succeeded"], row["failed"]) for row in rows if row["hour"] is not None]
    classes = _by_class(row for row in rows if row["hour"] is None)
    return ActionStats(
        count=sum(classes.values()),
        failed=sum(one.failed for one in hours),
        p50_ms=percentile_ms(classes, 0.5),
        p99_ms=percentile_ms(classes, 0.99),
        per_hour=tuple(sorted(hours, key=attrgetter("hour"))),
    )


def _by_class(rows: Iterable[Row]) -> dict[int, int]:
    return {row["duration_class"]: row["succeeded"] + row["failed"] for row in rows}
