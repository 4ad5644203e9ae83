"""A page of attempts as a timeline: who waited and who worked when."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Final, cast

from markupsafe import Markup

from services.audit.dashboard.charts.waterfall import Bar, Mark, Segment, SegmentKind, Span, draw_waterfall
from services.audit.store.attempts import AttemptRow
from services.audit.store.runs import Run

STEPS_OF_NOW: Final = (
    (timedelta(minutes=1), timedelta(seconds=1)),
    (timedelta(minutes=10), timedelta(seconds=10)),
)
"""Up to which age of a run the picture of what is open moves by how much: one that moved with every look would be sent
again with every look."""
LARGEST_STEP: Final = timedelta(minutes=1)


def timeline(run: Run, attempts: Sequence[AttemptRow], now: datetime) -> Markup | None:
    """The drawing over the time that these attempts took; None where there are none."""
    if not attempts:
        return None
    looked = max(_steady(run.started_at, now), *(moment for one in attempts for moment in _moments(one)))
    start = min(one.scheduled_at for one in attempts)
    ends = [looked if one.finished_at is None else one.finished_at for one in attempts]
    return draw_waterfall([_bar(one) for one in attempts], Span(start, max(ends), looked))


def _steady(started_at: datetime, now: datetime) -> datetime:
    age = max(now - started_at, timedelta())
    step = next((step for most, step in STEPS_OF_NOW if age < most), LARGEST_STEP)
    return started_at + age // step * step


def _moments(attempt: AttemptRow) -> list[datetime]:
    known = (attempt.scheduled_at, attempt.claimed_at, attempt.finished_at)
    return [moment for moment in known if moment is not None]


def _bar(attempt: AttemptRow) -> Bar:
    where = "" if attempt.path in ("", "main") else f" on {attempt.path}"
    again = f", attempt {attempt.attempt}" if attempt.attempt > 1 else ""
    return Bar(
        label=f"{attempt.step or 'a step'}{where}{again}",
        sub_label=attempt.error_type or attempt.action or "",
        href=f"#{attempt.id}",
        segments=_segments(attempt),
        marks=_marks(attempt),
    )


def _segments(attempt: AttemptRow) -> list[Segment]:
    """Waiting until somebody took it; then whatever became of it."""
    began = attempt.claimed_at
    if began is None:
        if attempt.finished_at is None:
            return [Segment(attempt.scheduled_at, None, "waiting", "waits to be taken")]
        return [Segment(attempt.scheduled_at, attempt.finished_at, _kind(attempt), attempt.error_message or "")]
    waiting = Segment(attempt.scheduled_at, began, "waiting", "waited to be taken")
    by = f"{attempt.status} by {attempt.claimed_by}" if attempt.claimed_by else attempt.status
    worked = Segment(began, attempt.finished_at, _kind(attempt), by)
    return [waiting, worked] if began > attempt.scheduled_at else [worked]


def _kind(attempt: AttemptRow) -> SegmentKind:
    return "running" if attempt.status == "scheduled" else cast(SegmentKind, attempt.status)


def _marks(attempt: AttemptRow) -> list[Mark]:
    """Where somebody took it and was never heard of again."""
    lost = attempt.lost_claim_at
    return [] if lost is None else [Mark(lost, "taken by somebody who fell silent: it was given out again")]
