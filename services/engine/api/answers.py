"""The shapes that the engine answers, for the OpenAPI document. Answers are made as plain JSON by the domain's views;
the tests hold every recorded one against these."""

from datetime import datetime
from typing import Literal

from pydantic import BaseModel, Field

from libs.contracts.events.engine import RunErrorType
from libs.contracts.payload import JsonValue
from services.engine.domain.history import RowKind
from services.engine.domain.spec import WorkflowSpec
from services.engine.domain.states import PathStatus, RunStatus, StepStatus, WaitKind


class WorkflowSummary(BaseModel):
    """A workflow definition without its spec."""

    id: str
    name: str
    handle: str
    description: str | None = None
    latest_version: int
    published_as_tool: bool
    created_by: str
    tags: dict[str, str]
    created_at: datetime
    updated_at: datetime


class Workflow(WorkflowSummary):
    """A workflow definition with its latest spec."""

    spec: WorkflowSpec


class WorkflowList(BaseModel):
    """A page of workflow definitions, newest first."""

    items: list[WorkflowSummary]
    has_more: bool
    next_cursor: str | None = None


class WorkflowVersionSummary(BaseModel):
    """One version of a definition."""

    id: str
    version: int
    created_by: str
    created_at: datetime


class WorkflowVersion(WorkflowVersionSummary):
    """One version of a definition with its spec, which never changes."""

    spec: WorkflowSpec


class WorkflowVersionList(BaseModel):
    """All versions of a definition, newest first."""

    items: list[WorkflowVersionSummary]


class RunPathCounts(BaseModel):
    """Paths of a run by state."""

    working: int
    waiting: int
    completed: int
    failed: int
    total: int
    active: int


class RunStepCounts(BaseModel):
    """Step attempts of a run by status."""

    pending: int
    running: int
    completed: int
    failed: int
    cancelled: int


class RunJobCounts(BaseModel):
    """Open jobs of a run by status."""

    ready: int
    scheduled: int
    claimed: int


class RunWaitSummary(BaseModel):
    """What paths of a run wait for."""

    waiting_paths: int
    kind_counts: dict[WaitKind, int]
    next_wake_at: datetime | None
    waiting_on_signal_names: list[str]
    interaction_ids: list[str]


class RunError(BaseModel):
    """What went wrong on one path."""

    path_id: str = Field(description="The path.")
    error_type: str
    error_message: str


class Run(BaseModel):
    """One execution of a workflow."""

    id: str
    status: RunStatus = Field(description="How it stands.")
    workflow_name: str
    definition_id: str | None = None
    definition_version: int | None = None
    ephemeral: bool
    queue: str = Field(description="Whose workers get its jobs.")
    attempt: int = Field(description="Always 1: runs are not repeated.")
    inputs: dict[str, JsonValue] = Field(description="What it was started with.")
    metadata: dict[str, str]
    tags: dict[str, str]
    source_type: str = Field(description="What started it.")
    source_id: str | None = Field(None, description="Which of these started it.")
    external_id: str | None = None
    path_counts: RunPathCounts
    step_counts: RunStepCounts
    job_counts: RunJobCounts
    wait_summary: RunWaitSummary
    errors: list[RunError]
    error_type: RunErrorType | None = None
    error_message: str | None = None
    created_at: datetime
    started_at: datetime
    updated_at: datetime
    completed_at: datetime | None = None
    cancel_requested_at: datetime | None = None


class RunList(BaseModel):
    """A page of runs, newest first."""

    items: list[Run]
    has_more: bool
    next_cursor: str | None = None


class RunPath(BaseModel):
    """One path of a run."""

    path_id: str = Field(description="The path.")
    state: PathStatus = Field(description="How it stands.")
    error_type: str | None = None
    error_message: str | None = None


class RunStep(BaseModel):
    """One attempt of one step on one path."""

    id: str
    run_id: str
    path_id: str = Field(description="The path.")
    step_name: str
    action: str = Field(description="The action that it calls.")
    attempt: int = Field(description="Counts from 0.")
    transition_seq: int
    kind: RowKind
    source: Literal["executed"] = Field(description="Always `executed`.")
    status: StepStatus = Field(description="How it stands.")
    parameters: dict[str, JsonValue] = Field(description="What the action is called with.")
    job_id: str | None = Field(None, description="The job; absent: it is none.")
    result_b64: str | None = None
    error_type: str | None = None
    error_message: str | None = None
    started_at: datetime | None = None
    completed_at: datetime | None = None
    created_at: datetime
    updated_at: datetime


class RunStepList(BaseModel):
    """A page of a run's steps, in the order in which they were scheduled."""

    items: list[RunStep]
    has_more: bool
    next_cursor: str | None = None


class RunDetail(Run):
    """A run with its spec, its paths and its first steps."""

    spec: WorkflowSpec
    paths: list[RunPath]
    steps: list[RunStep]
    steps_next_cursor: str | None = None
    result_b64: str | None = None


class RunEvent(BaseModel):
    """One server-sent event: `data` is a Run, a RunStep, or what a worker told."""

    type: Literal["run_updated", "run_step_updated", "custom"]
    run_id: str
    seq: int
    timestamp: datetime
    data: dict[str, JsonValue]
