"""The shapes that callers send, as on the wire."""

from typing import Annotated, Literal

from pydantic import Field, StringConstraints

from libs.chassis.http import Body, Page, Query
from libs.contracts.payload import JsonValue
from services.engine.domain.states import RunStatus, StepStatus

Text = Annotated[str, StringConstraints(max_length=1_024)]
Tags = dict[str, str]


class CreateWorkflowBody(Body):
    """What the texts may be is the domain's to say."""

    name: str
    spec: dict[str, JsonValue]
    handle: str | None = None
    description: str | None = None
    published_as_tool: bool | None = None
    tags: Tags | None = None


class UpdateWorkflowBody(Body):
    """What is left out, or null, stays as it is."""

    name: str | None = None
    description: str | None = None
    published_as_tool: bool | None = None
    spec: dict[str, JsonValue] | None = None
    tags: Tags | None = None


class ConfigEntry(Body):
    category: Text
    key: Text
    value: Text


class StartBoundBody(Body):
    """How a run of a saved workflow starts; the workflow is named by the path."""

    queue: str | None = None
    inputs: dict[str, JsonValue] | None = None
    metadata: dict[str, str] | None = None
    tags: Tags | None = None
    external_id: str | None = None
    config: list[ConfigEntry] | None = None
    dry_run: bool = Field(
        False,
        description="Carry out only steps whose action is `read_only`; the others complete at once with a null result.",
    )


class StartRunBody(StartBoundBody):
    """`saved` needs a `definition_id`, `inline` a `spec`; neither takes the other's."""

    mode: Literal["saved", "inline"]
    definition_id: Text | None = None
    spec: dict[str, JsonValue] | None = None


class StartQuery(Query):
    wait_seconds: int = Field(0, ge=0, le=30, description="How long the answer may wait for the run's end (seconds).")


class WorkflowsPage(Page):
    """`Key:Value`, `Key:*` or `Key:a,b,c`; several must all hold."""

    tag: list[Text] = Field([], max_length=20)


class RunsPage(Page):
    status: RunStatus | None = None
    workflow_type: Text | None = None
    queue: Text | None = None
    parent_run_id: Text | None = None
    source_type: Text | None = None
    source_id: Text | None = None
    external_id: Text | None = None
    forked_from: Text | None = None


class StepsPage(Page):
    path_id: Text | None = None
    step_name: Text | None = None
    status: StepStatus | None = None


class StepQuery(Query):
    include: Literal["run_state_after"] | None = None


class WatchQuery(Query):
    since: int | None = Field(None, ge=0, le=(1 << 63) - 1)
