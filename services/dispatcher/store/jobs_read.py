"""Jobs as they may be looked at: the open ones from their tables, the finished ones from the journal."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.journal.store import load_streams
from libs.contracts.codec import Json, JsonObject, parse_json
from libs.contracts.envelope import Event
from libs.contracts.events.dispatcher import JobClosed, JobCompleted, JobFailed, JobReportedLate
from libs.contracts.payload import Payload
from libs.contracts.registry import decode
from services.dispatcher.store.rows import job_of

QUERIES = load_queries(__package__)

Status = Literal["pending", "claimed", "completed", "failed"]

_JOB = "job_"
"""How the ids of jobs begin; those of server-side invocations begin otherwise."""


@dataclass(frozen=True, slots=True)
class JobView:
    """One job, open or finished."""

    id: str
    project: str
    run_id: str
    path_id: str
    step_name: str
    action: str
    queue: str
    status: Status
    attempt: int
    scheduled_at: datetime
    updated_at: datetime
    parameters: JsonObject | None = None
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    heartbeat_at: datetime | None = None
    error_type: str | None = None
    error_message: str | None = None


class JobReads:
    """Looks over the read pool. A closed job counts as failed with `run_failed`: its run ended without it. Server-side
    invocations are in the same tables and streams, and are no jobs."""

    def __init__(self, reads: Reads) -> None:
        self._reads = reads

    async def find(self, job_id: str) -> JobView | None:
        row = await self._reads.row(QUERIES["find_job"], job_id)
        if row is not None:
            return _open_view(row)
        events = (await load_streams(self._reads, [job_id]))[job_id]
        return _ended_view(events[-1]) if events else None

    async def of_run(self, run_id: str) -> Sequence[JobView]:
        """In the order in which they were scheduled."""
        found: dict[str, JobView] = {}
        for row in await self._reads.rows(QUERIES["find_events_of_run"], run_id):
            view = _ended_view(decode(row["event"]))
            if view is not None:
                found[view.id] = view
        for row in await self._reads.rows(QUERIES["find_jobs_of_run"], run_id):
            found[row["job_id"]] = _open_view(row)
        return sorted(found.values(), key=lambda view: (view.scheduled_at, view.id))


def _open_view(row: Row) -> JobView:
    job = job_of(row)
    parameters = parse_json(job.parameters)
    return JobView(
        id=job.job_id,
        project=job.project,
        run_id=job.run_id,
        path_id=job.path,
        step_name=job.step,
        action=job.action,
        queue=job.queue,
        status="claimed" if row["held"] else "pending",
        attempt=job.attempt,
        scheduled_at=job.scheduled_at,
        updated_at=row["heartbeat_at"] or row["claimed_at"] or job.scheduled_at,
        parameters=parameters if isinstance(parameters, dict) else None,
        claimed_by=row["claimed_by"],
        claimed_at=row["claimed_at"],
        heartbeat_at=row["heartbeat_at"],
    )


def _ended_view(event: Event[Payload]) -> JobView | None:
    data = event.data
    if isinstance(data, JobCompleted | JobFailed):
        errors: Mapping[str, Json] = (
            {"error_type": data.error_type, "error_message": data.error_message} if isinstance(data, JobFailed) else {}
        )
        return JobView(
            id=data.invocation_id,
            project=event.project,
            run_id=data.run_id,
            path_id=data.path,
            step_name=data.step,
            action=data.action,
            queue=data.queue,
            status="completed" if isinstance(data, JobCompleted) else "failed",
            attempt=data.attempt,
            scheduled_at=data.scheduled_at,
            updated_at=event.time,
            parameters=data.parameters,
            claimed_by=data.claimed_by,
            claimed_at=data.claimed_at,
            **errors,  # type: ignore[arg-type]
        )
    if isinstance(data, JobClosed | JobReportedLate) and data.invocation_id.startswith(_JOB):
        reason = data.reason if isinstance(data, JobClosed) else "the run ended before the report came"
        return JobView(
            id=data.invocation_id,
            project=event.project,
            run_id=data.run_id,
            path_id=data.path,
            step_name=data.step,
            action=data.action,
            queue=data.queue,
            status="failed",
            attempt=data.attempt,
            scheduled_at=event.time,
            updated_at=event.time,
            error_type="run_failed",
            error_message=reason,
        )
    return None
