"""Jobs and leases as rows: what is filtered by has a column, the rest is one JSON body."""

from collections.abc import Sequence
from datetime import datetime
from typing import TypedDict, cast

from libs.chassis.clock import format_time, parse_time
from libs.chassis.db.link import Row
from libs.contracts.codec import dump_json, parse_json
from services.dispatcher.domain.jobs import Job, Lease


class Body(TypedDict):
    """What no query filters by."""

    workflow_name: str
    path: str
    step: str
    step_attempt: int
    scheduled_at: str
    dry_run: bool
    traceparent: str | None


def body_of(job: Job) -> bytes:
    """The JSON body of a job's row."""
    body: Body = {
        "workflow_name": job.workflow_name,
        "path": job.path,
        "step": job.step,
        "step_attempt": job.step_attempt,
        "scheduled_at": format_time(job.scheduled_at),
        "dry_run": job.dry_run,
        "traceparent": job.traceparent,
    }
    return dump_json(body)


def job_of(row: Row) -> Job:
    """A job from a row of `ready` or `leased`."""
    body = cast(Body, parse_json(row["body"]))
    return Job(
        job_id=row["job_id"],
        kind=row["kind"],
        project=row["project"],
        run_id=row["run_id"],
        workflow_name=body["workflow_name"],
        path=body["path"],
        step=body["step"],
        step_attempt=body["step_attempt"],
        action=row["action"],
        queue=row["queue"],
        parameters=row["parameters"],
        scheduled_at=parse_time(body["scheduled_at"]),
        attempt=row["attempt"],
        expiries=row["expiries"],
        sequence=row["sequence"],
        dry_run=body["dry_run"],
        traceparent=body["traceparent"],
    )


def lease_of(row: Row) -> Lease:
    """A lease from a row of `leased`."""
    claimed_at: datetime = row["claimed_at"]
    return Lease(job_of(row), row["token"], row["claimed_by"], claimed_at, row["cancel_requested"], row["announced"])


def insert_args(jobs: Sequence[Job]) -> tuple[object, ...]:
    """The arrays of `insert_ready`."""
    return (
        [job.job_id for job in jobs],
        [job.project for job in jobs],
        [job.kind for job in jobs],
        [job.action for job in jobs],
        [job.queue for job in jobs],
        [job.run_id for job in jobs],
        [job.attempt for job in jobs],
        [body_of(job) for job in jobs],
        [job.parameters for job in jobs],
    )


def return_args(jobs: Sequence[Job]) -> tuple[object, ...]:
    """The arrays of `return_ready`."""
    *columns, bodies, parameters = insert_args(jobs)
    return (*columns, [job.expiries for job in jobs], [job.sequence for job in jobs], bodies, parameters)
