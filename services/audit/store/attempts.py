"""Attempts of the steps of a run, read."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from services.audit.store.conditions import rows_where

QUERIES = load_queries(__package__)

AttemptStatus = Literal["scheduled", "running", "completed", "failed", "closed"]
"""`closed`: its run ended first."""


@dataclass(frozen=True, slots=True)
class AttemptRow:
    """An attempt of a step. `id` is that of its invocation, or of the event that says why there is none.
    `lost_claim_at`: when it was taken by the last who fell silent."""

    id: str
    path: str
    step: str
    attempt: int
    kind: str | None
    action: str | None
    status: AttemptStatus
    scheduled_at: datetime
    claimed_at: datetime | None
    claimed_by: str | None
    finished_at: datetime | None
    error_type: str | None
    error_message: str | None
    lost_claim_at: datetime | None


@dataclass(frozen=True, slots=True)
class StepState:
    """How many attempts of a step there are in each status, and when the first was scheduled and the last finished."""

    step: str
    scheduled: int
    running: int
    completed: int
    failed: int
    closed: int
    first_scheduled_at: datetime
    last_finished_at: datetime | None


async def list_attempts(
    reads: Reads,
    project: str,
    run_id: str,
    after: tuple[datetime, str] | None,
    limit: int,
    *,
    step: str | None = None,
    status: AttemptStatus | None = None,
) -> list[AttemptRow]:
    """The first scheduled first. `after` is the position of the page before: scheduled_at and id."""
    conditions = {
        "step = ?": (step,),
        "status = ?": (status,),
        "(scheduled_at, id) > (?, ?)": after or (None, None),
    }
    rows = await rows_where(reads, QUERIES["list_attempts"], (project, run_id, limit), conditions)
    return [AttemptRow(*row) for row in rows]


async def count_attempts(reads: Reads, project: str, run_id: str) -> Mapping[AttemptStatus, int]:
    """How many attempts there are of each status that there is."""
    rows = await reads.rows(QUERIES["count_attempts"], project, run_id)
    return {row["status"]: row["found"] for row in rows}


async def step_states(reads: Reads, project: str, run_id: str, steps: Sequence[str] | None = None) -> list[StepState]:
    """The steps of which there is an attempt, the first scheduled first; only these `steps`, if some are named."""
    rows = await rows_where(reads, QUERIES["list_step_states"], (project, run_id), {"step = ANY (?::text[])": (steps,)})
    return [StepState(*row) for row in rows]


async def steps_by_status(reads: Reads, project: str, run_id: str) -> Mapping[AttemptStatus, list[str]]:
    """The steps of all attempts, by the status of those; a step that was tried twice is there twice."""
    rows = await reads.rows(QUERIES["list_steps_by_status"], project, run_id)
    return {row["status"]: row["steps"] for row in rows}
