"""Workflow definitions and their versions as rows."""

from datetime import datetime
from typing import NamedTuple

from libs.contracts.codec import JsonObject, dump_json
from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunStarted, WorkflowCreated, WorkflowUpdated
from libs.contracts.payload import Payload


class Definition(NamedTuple):
    """A definition as it is called after an event. `handle` None: it was saved before, under the handle that it has.
    `actions` None: the latest version is the one that it was."""

    id: str
    project: str
    handle: str | None
    name: str
    description: str | None
    tags: bytes
    published_as_tool: bool
    latest_version: int
    actions: list[str] | None
    created_at: datetime
    created_by: str
    updated_at: datetime
    updated_by: str
    sequence: int


class Version(NamedTuple):
    """What a version says, as JSON. Who learns it from a run does not know when and by whom it was saved."""

    workflow_id: str
    version: int
    spec: bytes
    created_at: datetime | None = None
    created_by: str | None = None


def created(event: Event[Payload], said: WorkflowCreated) -> Definition:
    """The definition as it was saved first."""
    return Definition(
        said.workflow_id,
        event.project,
        said.handle,
        said.name,
        said.description,
        dump_json(said.tags),
        said.published_as_tool,
        1,
        actions_of(said.spec),
        event.time,
        said.created_by,
        event.time,
        said.created_by,
        event.sequence,
    )


def updated(event: Event[Payload], said: WorkflowUpdated) -> Definition:
    """The definition as it is now; when and by whom it was created is not known here."""
    return Definition(
        said.workflow_id,
        event.project,
        None,
        said.name,
        said.description,
        dump_json(said.tags),
        said.published_as_tool,
        said.latest_version,
        None if said.spec is None else actions_of(said.spec),
        event.time,
        said.updated_by,
        event.time,
        said.updated_by,
        event.sequence,
    )


def followed(known: Definition | None, update: Definition) -> Definition:
    """What is known after an update, of the same definition."""
    if known is None:
        return update
    if update.sequence <= known.sequence:
        return known
    return update._replace(
        handle=known.handle,
        actions=known.actions if update.actions is None else update.actions,
        created_at=known.created_at,
        created_by=known.created_by,
    )


def version_of(event: Event[Payload], said: WorkflowCreated | WorkflowUpdated) -> Version | None:
    """The version that this event saved; None where it changed only what the definition is called."""
    if said.spec is None:
        return None
    number, by = (1, said.created_by) if isinstance(said, WorkflowCreated) else (said.latest_version, said.updated_by)
    return Version(said.workflow_id, number, dump_json(said.spec), event.time, by)


def version_run(said: RunStarted) -> Version | None:
    """The version that a run began with; None for an inline spec."""
    if said.definition_id is None or said.definition_version is None:
        return None
    return Version(said.definition_id, said.definition_version, dump_json(said.spec))


def actions_of(spec: JsonObject) -> list[str]:
    """The actions that the steps of a spec name, each once, by name."""
    steps = spec.get("steps")
    named = [step.get("action") for step in steps if isinstance(step, dict)] if isinstance(steps, list) else []
    return sorted({action for action in named if isinstance(action, str)})
