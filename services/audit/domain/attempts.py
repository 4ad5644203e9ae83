"""Attempts of steps, folded from what the engine and the dispatcher say of them.

The two are heard in any order, and some of it twice. So a column is either said by one event alone, or only grows:
whatever is merged with whatever, in any order and however often, comes to the same. `merge_attempts` of the store says
so once more, in SQL.
"""

from datetime import datetime
from typing import Literal, NamedTuple

from libs.contracts.events.dispatcher import JobClaimed, JobLeaseExpired
from libs.contracts.events.engine import StepCompleted, StepFailed, StepScheduled, StepStarted

Outcome = Literal["completed", "failed", "closed"]


class Attempt(NamedTuple):
    """What is known of an attempt. Empty texts, 0 and None: not said yet; `scheduled_at` is the earliest moment that
    anything was said of it. `lost_claim_at`: when the last holder that fell silent had taken it."""

    run_id: str
    id: str
    path: str
    step: str
    attempt: int
    kind: str | None
    action: str | None
    scheduled_at: datetime
    claimed_at: datetime | None = None
    claimed_by: str | None = None
    lost_claim_at: datetime | None = None
    outcome: Outcome | None = None
    finished_at: datetime | None = None
    error_type: str | None = None
    error_message: str | None = None


def scheduled(run_id: str, said: StepScheduled, at: datetime) -> Attempt:
    """It is to be executed."""
    return Attempt(run_id, said.invocation_id, said.path, said.step, said.attempt, said.kind, said.action, at)


def started(run_id: str, said: StepStarted, at: datetime) -> Attempt:
    """Somebody has it, says the engine."""
    return Attempt(
        run_id, said.invocation_id, said.path, said.step, 0, None, None, at, said.claimed_at, said.claimed_by
    )


def completed(run_id: str, said: StepCompleted, at: datetime) -> Attempt:
    """It has a result."""
    return Attempt(
        run_id,
        said.invocation_id,
        said.path,
        said.step,
        said.attempt,
        None,
        None,
        at,
        said.claimed_at,
        outcome="completed",
        finished_at=at,
    )


def failed(run_id: str, said: StepFailed, at: datetime, event_id: str) -> Attempt:
    """It failed for good. One that could not even be scheduled has no invocation, and is called by its event."""
    return Attempt(
        run_id,
        said.invocation_id or event_id,
        said.path,
        said.step,
        said.attempt,
        None,
        None,
        at,
        said.claimed_at,
        None,
        None,
        "failed",
        at,
        said.error_type,
        said.error_message,
    )


def closed(run_id: str, invocation_id: str, at: datetime) -> Attempt:
    """Its run ended first: nobody waits for it."""
    return Attempt(run_id, invocation_id, "", "", 0, None, None, at, outcome="closed", finished_at=at)


def claimed(said: JobClaimed | JobLeaseExpired, at: datetime) -> Attempt:
    """Somebody has had it for a moment, says the dispatcher, whose `attempt` counts leases."""
    return Attempt(
        said.run_id,
        said.invocation_id,
        said.path,
        said.step,
        0,
        None,
        said.action,
        min(at, said.claimed_at),
        said.claimed_at,
        said.claimed_by,
    )


def lease_expired(said: JobLeaseExpired, at: datetime) -> Attempt:
    """Who had it fell silent, and it can be claimed again."""
    return claimed(said, at)._replace(lost_claim_at=said.claimed_at)


def merged(one: Attempt, other: Attempt) -> Attempt:
    """What both know, of the same attempt."""
    claimed_at, claimed_by = _later_claim(one, other)
    ended = one if one.outcome else other
    return Attempt(
        one.run_id,
        one.id,
        max(one.path, other.path),
        max(one.step, other.step),
        max(one.attempt, other.attempt),
        one.kind or other.kind,
        one.action or other.action,
        min(one.scheduled_at, other.scheduled_at),
        claimed_at,
        claimed_by,
        _later(one.lost_claim_at, other.lost_claim_at),
        ended.outcome,
        ended.finished_at,
        ended.error_type,
        ended.error_message,
    )


def _later_claim(one: Attempt, other: Attempt) -> tuple[datetime | None, str | None]:
    """Who took it last. The engine's end of a step says when it was taken, but not by whom."""
    if one.claimed_at == other.claimed_at:
        return one.claimed_at, one.claimed_by or other.claimed_by
    later = one if one.claimed_at == _later(one.claimed_at, other.claimed_at) else other
    return later.claimed_at, later.claimed_by


def _later(one: datetime | None, other: datetime | None) -> datetime | None:
    return max(one, other) if one and other else one or other
