"""Runs, read."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import get_args

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from services.audit.domain.runs import RunStatus
from services.audit.store.conditions import rows_where

QUERIES = load_queries(__package__)
STATUSES: tuple[RunStatus, ...] = get_args(RunStatus)


@dataclass(frozen=True, slots=True)
class RunFilter:
    """Which runs; None does not filter. `workflow` is a name. `since` and `until` bound started_at: from, and before.
    `after` is the position of the page before: started_at and id."""

    project: str
    status: RunStatus | None = None
    workflow: str | None = None
    since: datetime | None = None
    until: datetime | None = None
    after: tuple[datetime, str] | None = None


@dataclass(frozen=True, slots=True)
class RunRow:
    """A run in a list."""

    id: str
    project: str
    workflow_name: str
    definition_id: str | None
    definition_version: int | None
    status: RunStatus
    started_at: datetime
    started_by: str | None
    finished_at: datetime | None
    error_type: str | None
    error_message: str | None
    external_id: str | None


@dataclass(frozen=True, slots=True)
class Run(RunRow):
    """A run with everything; bytes are JSON. `errors` is a list of objects with `path`, `step`, `error_type` and
    `error_message`. `workflow_handle` is None where the definition is not known here; so is `spec`, in theory only."""

    spec: bytes | None
    inputs: bytes
    outputs: bytes | None
    errors: bytes | None
    tags: bytes
    metadata: bytes
    workflow_handle: str | None


async def list_runs(reads: Reads, wanted: RunFilter, limit: int) -> list[RunRow]:
    """The latest first."""
    conditions = {
        "status = ?": (wanted.status,),
        "workflow_name = ?": (wanted.workflow,),
        "started_at >= ?": (wanted.since,),
        "started_at < ?": (wanted.until,),
        "(started_at, id) < (?, ?)": wanted.after or (None, None),
    }
    rows = await rows_where(reads, QUERIES["list_runs"], (wanted.project, limit), conditions)
    return [RunRow(*row) for row in rows]


async def count_runs(reads: Reads, project: str, most: int) -> Mapping[RunStatus, int]:
    """How many runs there are of each status; `most` means that many or more."""
    rows = await reads.rows(QUERIES["count_runs"], project, most, STATUSES)
    return {row["status"]: row["found"] for row in rows}


async def find_run(reads: Reads, project: str, run_id: str) -> Run | None:
    """The project's run with this id."""
    row = await reads.row(QUERIES["find_run"], project, run_id)
    return None if row is None else Run(**dict(row))
