"""A job and a lease to change a detail of."""

from dataclasses import replace
from datetime import datetime, timedelta

from services.dispatcher.domain.jobs import Job, Lease
from tests.doubles.clock import NOON

JOB = Job(
    job_id="job_1",
    kind="worker",
    project="default",
    run_id="run_1",
    workflow_name="w",
    path="main",
    step="s",
    step_attempt=1,
    action="work",
    queue="default",
    parameters=b'{"n":1}',
    scheduled_at=NOON,
    attempt=1,
)


def lease(job: Job = JOB, **changes: object) -> Lease:
    held = Lease(job, token="t1", claimed_by="w1", claimed_at=NOON + timedelta(seconds=1))
    return replace(held, **changes)  # type: ignore[arg-type]


def moment(seconds: float) -> datetime:
    return NOON + timedelta(seconds=seconds)
