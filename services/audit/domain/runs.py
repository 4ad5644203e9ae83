"""Runs as rows: one event makes them, one ends them."""

from datetime import datetime
from typing import Literal, NamedTuple

from libs.contracts.codec import dump_json
from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunCompleted, RunFailed, RunStarted
from libs.contracts.payload import Payload

RunStatus = Literal["active", "completed", "failed"]


class Ending(NamedTuple):
    """How a run ended. Only a completed one has outputs, only a failed one errors (JSON)."""

    status: RunStatus
    finished_at: datetime | None = None
    outputs: bytes | None = None
    error_type: str | None = None
    error_message: str | None = None
    errors: bytes | None = None


class Beginning(NamedTuple):
    """A run as it was started. `spec` only where there is no definition: versions are kept once. The rest is JSON."""

    id: str
    project: str
    workflow_name: str
    definition_id: str | None
    definition_version: int | None
    spec: bytes | None
    inputs: bytes
    tags: bytes
    metadata: bytes
    external_id: str | None
    started_by: str | None
    started_at: datetime


OPEN = Ending("active")
"""A run that goes on."""


def beginning(event: Event[Payload], said: RunStarted) -> Beginning:
    """The run that this event starts."""
    return Beginning(
        event.subject,
        event.project,
        said.workflow_name,
        said.definition_id,
        said.definition_version,
        dump_json(said.spec) if said.definition_id is None else None,
        dump_json(said.inputs),
        dump_json(said.tags),
        dump_json(said.metadata),
        said.external_id,
        event.actor,
        event.time,
    )


def ending(said: RunCompleted | RunFailed, at: datetime) -> Ending:
    """The end that this event tells of."""
    if isinstance(said, RunCompleted):
        return Ending("completed", at, dump_json(said.outputs))
    errors = [error.model_dump(exclude_none=True) for error in said.errors]
    return Ending("failed", at, None, said.error_type, said.error_message, dump_json(errors))
