"""What a heard step means: an invocation that becomes claimable, or open ones that end with their run."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.contracts.codec import dump_json, parse_json
from libs.contracts.envelope import Event
from libs.contracts.events.dispatcher import JobClosed, JobLeaseExpired
from libs.contracts.events.engine import StepScheduled
from libs.contracts.payload import Payload
from services.dispatcher.domain.jobs import Job, of_invocation


@dataclass(frozen=True, slots=True)
class Holder:
    """Who was given the work, and when."""

    claimed_by: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class OpenJob:
    """A job that its run left open: held by somebody, or still waiting. `holder` is who has it, or had it last."""

    job: Job
    held: bool
    cancel_requested: bool = False
    holder: Holder | None = None


def job_from(event: Event[Payload], step: StepScheduled) -> Job:
    """The invocation that a scheduled step asks for. Its id came with the step, so hearing it twice changes nothing."""
    return Job(
        job_id=step.invocation_id,
        kind=step.kind,
        project=event.project,
        run_id=step.run_id,
        workflow_name=step.workflow_name,
        path=step.path,
        step=step.step,
        step_attempt=step.attempt,
        action=step.action,
        queue=step.queue,
        parameters=dump_json(step.parameters),
        scheduled_at=event.time,
        attempt=step.attempt,
        dry_run=step.dry_run,
        traceparent=event.traceparent,
    )


def close(jobs: Sequence[OpenJob], reason: str) -> list[tuple[Job, JobClosed]]:
    """The events that close what is open. A holder learns it with its next heartbeat; asking twice changes nothing."""
    return [(open_job.job, _closed(open_job, reason)) for open_job in jobs if not open_job.cancel_requested]


def last_holder(events: Sequence[Event[Payload]]) -> Holder | None:
    """Whose lease expired last, by the job's own events."""
    for event in reversed(events):
        if isinstance(event.data, JobLeaseExpired):
            return Holder(event.data.claimed_by, event.data.claimed_at)
    return None


def _closed(open_job: OpenJob, reason: str) -> JobClosed:
    job, holder = open_job.job, open_job.holder
    if holder is None:
        return JobClosed(**of_invocation(job), reason=reason)
    parameters = parse_json(job.parameters)
    assert isinstance(parameters, dict), "expected parameters to be an object: the engine schedules nothing else"
    return JobClosed(
        **of_invocation(job),
        reason=reason,
        kind=job.kind,
        parameters=parameters,
        claimed_by=holder.claimed_by,
        claimed_at=holder.claimed_at,
    )
