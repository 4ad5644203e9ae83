"""What can be asked of a run. `claimed_at` is aware UTC; ids are given, never made here."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import TypeAlias

from libs.contracts.codec import Json, JsonObject


@dataclass(frozen=True, slots=True)
class StartRun:
    """Begins a run of `spec`. Without `definition_id` the spec came with the request and is checked as when saved."""

    run_id: str
    project: str
    spec: JsonObject
    workflow_name: str | None = None
    """Default: the spec's name."""
    definition_id: str | None = None
    definition_version: int | None = None
    queue: str = "default"
    inputs: JsonObject = field(default_factory=dict)
    metadata: Mapping[str, str] = field(default_factory=dict)
    tags: Mapping[str, str] = field(default_factory=dict)
    """As the run will carry them: see `tags.merged`."""
    external_id: str | None = None
    source_type: str = "api"
    source_id: str | None = None
    dry_run: bool = False
    """Steps that may change something are not carried out."""


@dataclass(frozen=True, slots=True)
class RecordStart:
    """A worker has been holding the job for a moment."""

    invocation_id: str
    claimed_by: str
    claimed_at: datetime


@dataclass(frozen=True, slots=True)
class RecordProgress:
    invocation_id: str
    name: str
    payload: JsonObject


@dataclass(frozen=True, slots=True)
class RecordResult:
    """The invocation succeeded; its result has passed the output schema."""

    invocation_id: str
    result: Json
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class RecordFailure:
    """The invocation failed for good, as far as whoever executed it is concerned."""

    invocation_id: str
    error_type: str
    error_message: str
    details: "JsonObject | None" = None
    claimed_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class CancelRun:
    """Ends the run now. `reason` is a sentence for people."""

    reason: str | None = None


RunCommand: TypeAlias = StartRun | RecordStart | RecordProgress | RecordResult | RecordFailure | CancelRun
