"""A run as it stands after some of its events. Immutable; what grows with the run is in maps that share structure, so
that a step costs the same at step 10 and at step 10,000. Named tuples, because they are the cheapest to copy."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from immutables import Map

from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.engine import PathError, RunErrorType, StepKind
from services.engine.domain.definition import Definition
from services.engine.domain.states import PathStatus, RunStatus, StepStatus, WaitKind


class RunFacts(NamedTuple):
    """What a run is, from its start to its end. `variables` is what expressions see as `run`."""

    run_id: str
    project: str
    workflow_name: str
    definition_id: str | None
    definition_version: int | None
    spec: JsonObject
    definition: Definition
    queue: str
    inputs: JsonObject
    metadata: Mapping[str, str]
    tags: Mapping[str, str]
    external_id: str | None
    source_type: str
    source_id: str | None
    started_at: datetime
    variables: JsonObject
    dry_run: bool = False


class Wait(NamedTuple):
    """What a path that is `waiting` waits for."""

    kind: WaitKind
    step: str
    wake_at: datetime | None = None
    subject: str | None = None


class PathState(NamedTuple):
    """One path: its copy of the variables, the step it is at, the highest `<n>` of the paths called `<name>/<n>`."""

    name: str
    status: PathStatus
    variables: Map[str, Json]
    step: str | None
    children: int = 0
    waiting_on: Wait | None = None
    error: PathError | None = None


class OpenStep(NamedTuple):
    """A step attempt whose invocation has not ended: `pending`, or `running` once a worker is known to hold it."""

    path: str
    step: str
    attempt: int
    invocation_id: str
    kind: StepKind
    status: StepStatus


class StepCounts(NamedTuple):
    """Step attempts by status."""

    pending: int = 0
    running: int = 0
    completed: int = 0
    failed: int = 0
    cancelled: int = 0


class PathCounts(NamedTuple):
    """Paths by status."""

    working: int = 0
    waiting: int = 0
    completed: int = 0
    failed: int = 0

    @property
    def active(self) -> int:
        return self.working + self.waiting

    @property
    def total(self) -> int:
        return sum(self)


class Ending(NamedTuple):
    """How the run ended: with outputs, or with an error and what caused it."""

    at: datetime
    outputs: "JsonObject | None" = None
    error_type: RunErrorType | None = None
    error_message: str | None = None
    errors: tuple[PathError, ...] = ()


class RunState(NamedTuple):
    """`version` is the sequence of the last event; `open` is keyed by invocation id; `attempts` (the last one of a step
    on a path) only knows steps that a path can come to more than once; `scheduled` counts step attempts, those that
    could not be scheduled included."""

    facts: RunFacts
    status: RunStatus
    version: int
    updated_at: datetime
    paths: Map[str, PathState]
    open: Map[str, OpenStep]
    attempts: Map[tuple[str, str], int]
    scheduled: int
    steps: StepCounts
    path_counts: PathCounts
    ending: Ending | None = None

    @property
    def is_over(self) -> bool:
        return self.ending is not None
