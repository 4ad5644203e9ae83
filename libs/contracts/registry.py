"""Finds the payload class of a type and version, and turns bytes back into events.

Decoding never trusts its input: whatever is wrong with a record comes out as `Undecodable` with one of the reasons that
the dead-letter topic knows, never as another exception.
"""

from collections.abc import Mapping
from datetime import datetime
from functools import cache
from typing import Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError

from libs.contracts.codec import InvalidJson, JsonObject, parse_json
from libs.contracts.envelope import Event
from libs.contracts.events import catalog, dispatcher, engine, shared
from libs.contracts.payload import Payload
from libs.contracts.upcasts import UPCASTS

Reason = Literal["undecodable", "unknown_type", "unknown_version", "invalid_envelope", "invalid_data"]

MODULES = (catalog, engine, dispatcher, shared)


class Undecodable(ValueError):
    """A record that no handler can be given. `reason` goes into the dead letter."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence)
        self.reason: Reason = reason


class _Head(BaseModel):
    """The CloudEvents attributes, checked before the data is looked at."""

    model_config = ConfigDict(extra="ignore", strict=True)

    specversion: Literal["1.0"]
    id: str = Field(min_length=1)
    source: str = Field(min_length=1)
    type: str = Field(min_length=1)
    subject: str = Field(min_length=1)
    time: datetime = Field(strict=False)
    dataschema: str = Field(pattern=r"^urn:mobius:[a-z_.]+:[0-9]+$")
    project: str
    sequence: int = Field(ge=1)
    partitionkey: str
    actor: str | None = None
    causationid: str | None = None
    correlationid: str | None = None
    traceparent: str | None = None
    data: dict[str, object]


@cache
def payload_classes() -> Mapping[tuple[str, int], type[Payload]]:
    """Every payload class by type and version."""
    found: dict[tuple[str, int], type[Payload]] = {}
    for module in MODULES:
        for value in vars(module).values():
            if isinstance(value, type) and issubclass(value, Payload) and "type" in vars(value):
                found[(value.type, value.version)] = value
    return found


@cache
def latest_versions() -> Mapping[str, int]:
    """The version that this build writes, by type."""
    versions: dict[str, int] = {}
    for type_, version in payload_classes():
        versions[type_] = max(version, versions.get(type_, 0))
    return versions


def decode(raw: bytes | None) -> Event[Payload]:
    """Reads one record's value. Raises `Undecodable`; older versions are lifted to the latest."""
    head = _head(raw)
    type_, version = head.type, int(head.dataschema.rsplit(":", 1)[1])
    latest = latest_versions().get(type_)
    if latest is None or not head.dataschema.startswith(f"urn:mobius:{type_}:"):
        raise Undecodable("unknown_type", f"expected a known event type, but got {type_!r} with {head.dataschema!r}")
    if (type_, version) not in payload_classes():
        raise Undecodable("unknown_version", f"expected {type_} at most in version {latest}, but got {version}")
    data = head.data
    for step in range(version, latest):
        data = UPCASTS[(type_, step)](data)
    try:
        payload = payload_classes()[(type_, latest)].model_validate(data)
    except ValidationError as error:
        raise Undecodable("invalid_data", _sentence(type_, error)) from None
    return _event(head, payload)


def _head(raw: bytes | None) -> _Head:
    document = _document(raw)
    try:
        return _Head.model_validate(document)
    except ValidationError as error:
        raise Undecodable("invalid_envelope", _sentence("an envelope", error)) from None


def _document(raw: bytes | None) -> JsonObject:
    if not raw:
        raise Undecodable("undecodable", f"expected a CloudEvent, but the value is {'null' if raw is None else 'empty'}")
    try:
        document = parse_json(raw)
    except InvalidJson as error:
        raise Undecodable("undecodable", f"expected JSON, but {error}") from None
    if not isinstance(document, dict):
        raise Undecodable("undecodable", f"expected a JSON object, but got {type(document).__name__}")
    return document


def _event(head: _Head, payload: Payload) -> Event[Payload]:
    return Event(
        source=head.source,
        subject=head.subject,
        sequence=head.sequence,
        partitionkey=head.partitionkey,
        project=head.project,
        time=head.time,
        data=payload,
        actor=head.actor,
        causationid=head.causationid,
        correlationid=head.correlationid,
        traceparent=head.traceparent,
    )


def _sentence(what: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"expected {what} to be valid, but {where or 'it'}: {first['msg']}"
