"""The shapes that the dispatcher answers, for the OpenAPI document. Answers are made as plain JSON beside what is
claimed and reported; the tests hold every recorded one against these."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field, RootModel

from libs.contracts.payload import JsonValue
from services.dispatcher.store.jobs_read import Status


class ClaimedJob(BaseModel):
    """A job in the claimer's hands until its lease ends."""

    job_id: str = Field(description="Its own id.")
    run_id: str
    workflow_name: str
    step_name: str
    action: str = Field(description="What to do.")
    parameters: dict[str, JsonValue] = Field(description="What to do it with.")
    attempt: int = Field(description="Half of the fence: hand it in with every heartbeat and report.")
    queue: str = Field(description="The queue of its run.")
    heartbeat_interval_seconds: int


class ClaimedJobs(BaseModel):
    """What a claim with `max_jobs` is answered."""

    jobs: list[ClaimedJob]


class Claimed(RootModel[ClaimedJob | ClaimedJobs]):
    """A job; a list of jobs where the claim had `max_jobs`."""


class Directives(BaseModel):
    """What the worker is to do now."""

    should_cancel: bool


class Kept(BaseModel):
    """The lease goes on."""

    ok: Literal[True]
    directives: Directives


class Refusal(BaseModel):
    """Why this one was refused, as an error says it."""

    code: str
    message: str
    details: dict[str, JsonValue] | None = None


class JobKept(BaseModel):
    """What became of one heartbeat."""

    job_id: str = Field(description="The job.")
    ok: bool
    directives: Directives | None = None
    error: Refusal | None = None


class JobsKept(BaseModel):
    """One outcome for each job, in the order of the request."""

    jobs: list[JobKept]


class JobReported(BaseModel):
    """What became of one report."""

    job_id: str = Field(description="The job.")
    ok: bool
    error: Refusal | None = None


class JobsReported(BaseModel):
    """One outcome for each report, in the order of the request."""

    results: list[JobReported] = Field(description="One for each report, in the order of the request.")


class JobAnswer(BaseModel):
    """One job, open or finished."""

    id: str
    run_id: str
    path_id: str = Field(description="The path that its step is on.")
    step_name: str
    action: str = Field(description="What to do.")
    queue: str = Field(description="The queue of its run.")
    parameters: dict[str, JsonValue] | None = Field(None, description="What to do it with.")
    status: Status = Field(description="How it stands.")
    claimed_by: str | None = None
    claimed_at: datetime | None = None
    heartbeat_at: datetime | None = None
    attempt: int = Field(description="The latest one; counts from 1.")
    max_attempts: int
    scheduled_at: datetime
    error_type: str | None = None
    error_message: str | None = None
    created_at: datetime
    updated_at: datetime


class JobList(BaseModel):
    """All jobs of a run."""

    items: list[JobAnswer]


class HeldJob(BaseModel):
    """A job that a worker holds."""

    id: str
    run_id: str
    step_name: str
    action: str = Field(description="What it does.")
    status: Literal["claimed"] = Field(description="Always `claimed`.")
    claimed_at: datetime
    heartbeat_at: datetime | None = None
    updated_at: datetime


class WorkerSession(BaseModel):
    """A worker that has polled lately."""

    id: str
    worker_instance_id: str
    concurrency_limit: int = Field(description="Jobs that it holds at one time.")
    name: str | None = None
    version: str | None = None
    last_seen_at: datetime
    api_key_id: str | None = None
    instance_status: Literal["active", "stale"]
    stale: bool
    busy_job_count: int
    current_jobs: list[HeldJob]


class SessionTotals(BaseModel):
    """The workers of the project, counted."""

    active_instances: int
    slots: int
    busy: int
    stale: int


class WorkerSessionList(BaseModel):
    """The workers that have polled lately, and their totals."""

    items: list[WorkerSession]
    totals: SessionTotals
