"""Definitions as rows of `workflows`, and the parts that write them."""

from collections.abc import Mapping
from typing import cast

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from libs.contracts.codec import JsonObject, dump_json, parse_json
from libs.contracts.envelope import Event
from libs.contracts.events.engine import WorkflowCreated, WorkflowUpdated
from libs.contracts.payload import Payload
from services.engine.domain.workflows import WorkflowState

QUERIES = load_queries(__package__)


def state_of(row: Row) -> WorkflowState:
    """The definition in this row."""
    return WorkflowState(
        workflow_id=row["workflow_id"],
        project=row["project"],
        name=row["name"],
        handle=row["handle"],
        description=row["description"],
        published_as_tool=row["published_as_tool"],
        tags=cast(Mapping[str, str], parse_json(row["tags"].encode())),
        latest_version=row["latest_version"],
        spec=spec_of(row),
        created_by=row["created_by"],
        created_at=row["created_at"],
        updated_at=row["updated_at"],
        version=row["seq"],
    )


def spec_of(row: Row) -> JsonObject:
    """The spec in this row."""
    return cast(JsonObject, parse_json(row["spec"].encode()))


def parts_of(state: WorkflowState, event: Event[Payload]) -> list[Part]:
    """What `event` changes; `state` is the definition after it."""
    match event.data:
        case WorkflowCreated() as said:
            return [_insert(state), _version(state, said.created_by)]
        case WorkflowUpdated(spec=None):
            return [_update(state)]
        case WorkflowUpdated() as said:
            return [_update(state), _version(state, said.updated_by)]
    return []


def _insert(state: WorkflowState) -> Part:
    args = (
        state.workflow_id,
        state.project,
        state.name,
        state.handle,
        state.description,
        state.published_as_tool,
        _text(dict(state.tags)),
        state.latest_version,
        _text(state.spec),
        state.created_by,
        state.created_at,
        state.updated_at,
        state.version,
    )
    return Part("created", QUERIES["insert_workflow"], args)


def _update(state: WorkflowState) -> Part:
    args = (
        state.workflow_id,
        state.name,
        state.description,
        state.published_as_tool,
        _text(dict(state.tags)),
        state.latest_version,
        _text(state.spec),
        state.updated_at,
        state.version,
    )
    return Part("updated", QUERIES["update_workflow"], args)


def _version(state: WorkflowState, created_by: str) -> Part:
    args = (state.workflow_id, state.latest_version, _text(state.spec), created_by, state.updated_at)
    return Part("versioned", QUERIES["insert_version"], args)


def _text(value: object) -> str:
    return dump_json(value).decode()
