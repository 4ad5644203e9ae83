"""A job and the lease on it.

A job waits in `ready`, is held in `leased`, and leaves both when it is finished; its journal stream (the job id) tells
what became of it. The fence of a lease is the holder's session token together with `attempt`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Literal, TypedDict

Kind = Literal["worker", "server"]
COURIER = "mobius-courier"
INVOKER = "mobius-invoker"


@dataclass(frozen=True, slots=True)
class Job:
    """One invocation to be executed. `parameters` is raw JSON. `sequence` counts the events of its stream so far."""

    job_id: str
    kind: Kind
    project: str
    run_id: str
    workflow_name: str
    path: str
    step: str
    step_attempt: int
    action: str
    queue: str
    parameters: bytes
    scheduled_at: datetime
    attempt: int
    expiries: int = 0
    sequence: int = 0
    dry_run: bool = False
    traceparent: str | None = None


@dataclass(frozen=True, slots=True)
class Lease:
    """A job in somebody's hands until `lease_until` by the database's clock."""

    job: Job
    token: str
    claimed_by: str
    claimed_at: datetime
    cancel_requested: bool = False
    announced: bool = False


class OfInvocation(TypedDict):
    """The fields that every event about an invocation shares."""

    invocation_id: str
    run_id: str
    workflow_name: str
    path: str
    step: str
    action: str
    queue: str
    attempt: int


def of_invocation(job: Job) -> OfInvocation:
    """What an event says about its job."""
    return {
        "invocation_id": job.job_id,
        "run_id": job.run_id,
        "workflow_name": job.workflow_name,
        "path": job.path,
        "step": job.step,
        "action": job.action,
        "queue": job.queue,
        "attempt": job.attempt,
    }
