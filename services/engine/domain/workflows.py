"""Workflow definitions: created once, updated by name and tags, and versioned by spec. One stream per definition."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple, TypeAlias

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject, dump_json
from libs.contracts.envelope import Event
from libs.contracts.events.engine import WorkflowCreated, WorkflowUpdated
from libs.contracts.payload import Payload
from services.engine.domain.actions import Catalog
from services.engine.domain.catalog_checks import check_spec
from services.engine.domain.definition import Definition
from services.engine.domain.limits import DESCRIPTION_CHARACTERS, HANDLE_CHARACTERS, NAME_CHARACTERS
from services.engine.domain.problems import refusal
from services.engine.domain.tags import check_tags

HANDLE = re.compile(r"[a-z0-9](?:[a-z0-9-]*[a-z0-9])?")


@dataclass(frozen=True, slots=True)
class CreateWorkflow:
    """Without a `handle` it is derived from the name. That name and handle are free in the project is the store's to
    know."""

    workflow_id: str
    name: str
    spec: JsonObject
    created_by: str
    handle: str | None = None
    description: str | None = None
    published_as_tool: bool = False
    tags: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class UpdateWorkflow:
    """What is None stays as it is; a spec that differs becomes the next version."""

    updated_by: str
    name: str | None = None
    description: str | None = None
    published_as_tool: bool | None = None
    tags: Mapping[str, str] | None = None
    spec: "JsonObject | None" = None


WorkflowCommand: TypeAlias = CreateWorkflow | UpdateWorkflow


class WorkflowState(NamedTuple):
    """A definition as it is now, with the spec of its latest version. `version` is the sequence of the last event."""

    workflow_id: str
    project: str
    name: str
    handle: str
    description: str | None
    published_as_tool: bool
    tags: Mapping[str, str]
    latest_version: int
    spec: JsonObject
    created_by: str
    created_at: datetime
    updated_at: datetime
    version: int


def decide_workflow(
    state: WorkflowState | None, command: WorkflowCommand, now: datetime, catalog: Catalog
) -> list[Payload] | Rejected:
    """The event that follows; none if the definition is already so."""
    if isinstance(command, CreateWorkflow):
        return _create(state, command, catalog)
    if state is None:
        return Rejected("not_found", "expected a workflow, but there is none with this id")
    return _update(state, command, catalog)


def evolve_workflow(state: WorkflowState | None, event: Event[Payload]) -> WorkflowState:
    """The definition after one event of its stream, which begins with WorkflowCreated."""
    match event.data:
        case WorkflowCreated() as said:
            return _created(said, event)
        case WorkflowUpdated() as said if state is not None:
            return _updated(state, said, event)
    assert state is not None, f"expected workflow.created first, but {event.id} is {event.type}"
    return state._replace(version=event.sequence)


def derived_handle(name: str) -> str:
    """A handle made from a name: lower case, everything else as single hyphens. Empty if nothing is left."""
    return re.sub(r"[^a-z0-9]+", "-", name.lower()).strip("-")[:HANDLE_CHARACTERS].rstrip("-")


def _create(state: WorkflowState | None, command: CreateWorkflow, catalog: Catalog) -> list[Payload] | Rejected:
    if state is not None:
        return Rejected("already_exists", f"expected a new workflow, but {command.workflow_id} exists")
    handle = derived_handle(command.name) if command.handle is None else command.handle
    refused = _check_name(command.name) or _check_handle(handle) or _check_description(command.description)
    refused = refused or check_tags(command.tags) or _check_spec(command.spec, catalog)
    if refused:
        return refused
    return [
        WorkflowCreated(
            workflow_id=command.workflow_id,
            name=command.name,
            handle=handle,
            description=command.description,
            published_as_tool=command.published_as_tool,
            tags=dict(command.tags),
            spec=command.spec,
            created_by=command.created_by,
        )
    ]


def _update(state: WorkflowState, command: UpdateWorkflow, catalog: Catalog) -> list[Payload] | Rejected:
    if command.spec is not None and (refused := _check_spec(command.spec, catalog)):
        return refused
    spec = None if command.spec is None or _same(command.spec, state.spec) else command.spec
    said = WorkflowUpdated(
        workflow_id=state.workflow_id,
        name=state.name if command.name is None else command.name,
        description=state.description if command.description is None else command.description,
        published_as_tool=state.published_as_tool if command.published_as_tool is None else command.published_as_tool,
        tags=dict(state.tags if command.tags is None else command.tags),
        latest_version=state.latest_version + (spec is not None),
        spec=spec,
        updated_by=command.updated_by,
    )
    refused = _check_name(said.name) or _check_description(said.description) or check_tags(said.tags)
    if refused:
        return refused
    return [said] if spec is not None or _metadata(said) != _metadata(state) else []


def _created(said: WorkflowCreated, event: Event[Payload]) -> WorkflowState:
    return WorkflowState(
        workflow_id=said.workflow_id,
        project=event.project,
        name=said.name,
        handle=said.handle,
        description=said.description,
        published_as_tool=said.published_as_tool,
        tags=said.tags,
        latest_version=1,
        spec=said.spec,
        created_by=said.created_by,
        created_at=event.time,
        updated_at=event.time,
        version=event.sequence,
    )


def _updated(state: WorkflowState, said: WorkflowUpdated, event: Event[Payload]) -> WorkflowState:
    return state._replace(
        name=said.name,
        description=said.description,
        published_as_tool=said.published_as_tool,
        tags=said.tags,
        latest_version=said.latest_version,
        spec=state.spec if said.spec is None else said.spec,
        updated_at=event.time,
        version=event.sequence,
    )


def _metadata(of: WorkflowState | WorkflowUpdated) -> tuple[str, str | None, bool, Mapping[str, str]]:
    return (of.name, of.description, of.published_as_tool, of.tags)


def _check_name(name: str) -> Rejected | None:
    if 1 <= len(name) <= NAME_CHARACTERS and name.isprintable() and name == name.strip():
        return None
    limits = f"1 to {NAME_CHARACTERS} printable characters without spaces around them"
    return Rejected("invalid_argument", f"expected {limits}, but got {name[:NAME_CHARACTERS]!r}", field="name")


def _check_handle(handle: str) -> Rejected | None:
    if len(handle) <= HANDLE_CHARACTERS and HANDLE.fullmatch(handle):
        return None
    limits = f"1 to {HANDLE_CHARACTERS} lower-case letters, digits, and hyphens inside"
    return Rejected("invalid_argument", f"expected {limits}, but got {handle[:NAME_CHARACTERS]!r}", field="handle")


def _check_description(description: str | None) -> Rejected | None:
    if description is None or len(description) <= DESCRIPTION_CHARACTERS:
        return None
    sentence = f"expected at most {DESCRIPTION_CHARACTERS} characters, but got {len(description)}"
    return Rejected("invalid_argument", sentence, field="description")


def _check_spec(spec: JsonObject, catalog: Catalog) -> Rejected | None:
    checked = check_spec(spec, catalog)
    return None if isinstance(checked, Definition) else refusal(checked)


def _same(one: JsonObject, other: JsonObject) -> bool:
    """Whether the bytes are the same: 1 and 1.0 are equal, but not the same."""
    return dump_json(one) == dump_json(other)
