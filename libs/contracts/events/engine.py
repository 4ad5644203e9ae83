"""What the engine says: workflow definitions, and the life of runs and steps."""

from typing import ClassVar, Literal

from libs.contracts.moment import Moment
from libs.contracts.payload import JsonValue, Payload, Record

StepKind = Literal["worker", "server"]
RunErrorType = Literal["run_cancelled", "run_timeout", "step_failed", "run_failed"]


class Follow(Record):
    """One followed edge: the path goes on at `step`. A `path` other than the step's own starts there."""

    path: str
    step: str


class PathError(Record):
    path: str
    step: str | None = None
    error_type: str
    error_message: str


class WorkflowCreated(Payload):
    """A workflow definition was saved for the first time; `spec` is its version 1."""

    type: ClassVar[str] = "workflow.created"

    workflow_id: str
    name: str
    handle: str
    description: str | None = None
    published_as_tool: bool = False
    tags: dict[str, str] = {}
    spec: dict[str, JsonValue]
    created_by: str


class WorkflowUpdated(Payload):
    """Metadata as it is after the update; a `spec` makes `latest_version` a new immutable version."""

    type: ClassVar[str] = "workflow.updated"

    workflow_id: str
    name: str
    description: str | None = None
    published_as_tool: bool = False
    tags: dict[str, str] = {}
    latest_version: int
    spec: dict[str, JsonValue] | None = None
    updated_by: str


class RunStarted(Payload):
    """A run and the definition it is pinned to. Without `definition_id` the run is ephemeral (an inline spec)."""

    type: ClassVar[str] = "run.started"

    workflow_name: str
    definition_id: str | None = None
    definition_version: int | None = None
    spec: dict[str, JsonValue]
    queue: str
    inputs: dict[str, JsonValue]
    metadata: dict[str, str] = {}
    tags: dict[str, str] = {}
    external_id: str | None = None
    source_type: str = "api"
    source_id: str | None = None
    dry_run: bool | None = None
    """Of its steps only those are carried out whose action is `read_only`; absent: all."""


class StepScheduled(Payload):
    """A step attempt is to be executed: `worker` becomes the job `invocation_id`, `server` is called without one."""

    type: ClassVar[str] = "step.scheduled"

    run_id: str
    workflow_name: str
    path: str
    step: str
    attempt: int
    kind: StepKind
    action: str
    invocation_id: str
    queue: str
    parameters: dict[str, JsonValue]
    dry_run: bool = False
    simulated: bool | None = None
    """Nobody is to carry it out, because the run is dry and the action may change something; absent: somebody is."""


class StepStarted(Payload):
    """A worker has been holding the step's job for a moment; jobs done faster than that are never announced."""

    type: ClassVar[str] = "step.started"

    path: str
    step: str
    invocation_id: str
    claimed_by: str
    claimed_at: Moment


class StepProgressed(Payload):
    """A worker's custom event, kept with the run so that it can be replayed to watchers."""

    type: ClassVar[str] = "step.progressed"

    path: str
    step: str
    invocation_id: str
    name: str
    payload: dict[str, JsonValue]


class StepCompleted(Payload):
    """The result of a step attempt and the edges that were followed; none: the path ends here."""

    type: ClassVar[str] = "step.completed"

    path: str
    step: str
    attempt: int
    invocation_id: str
    result: JsonValue = None
    store: str | None = None
    claimed_at: Moment | None = None
    follow: list[Follow] = []


class StepFailed(Payload):
    """A step attempt that failed for good, or could not be scheduled (`invocation_id` absent)."""

    type: ClassVar[str] = "step.failed"

    path: str
    step: str
    attempt: int
    invocation_id: str | None = None
    error_type: str
    error_message: str
    details: dict[str, JsonValue] | None = None
    claimed_at: Moment | None = None


class RunCompleted(Payload):
    """Every path has ended. The last event of its run."""

    type: ClassVar[str] = "run.completed"

    outputs: dict[str, JsonValue]


class RunFailed(Payload):
    """The run's end without its outputs. `closed` names the invocations that were still open: nobody waits for them."""

    type: ClassVar[str] = "run.failed"

    error_type: RunErrorType
    error_message: str
    errors: list[PathError] = []
    closed: list[str] = []
