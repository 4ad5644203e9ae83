"""Finds the payload class of a type and version, and turns bytes back into events.

Decoding never trusts its input: whatever is wrong with a record comes out as `Undecodable` with one of the reasons that
the dead-letter topic knows, never as another exception.
"""

from collections.abc import Mapping
from functools import cache
from typing import Final, Literal, cast

from pydantic import ValidationError

from libs.contracts.attributes import Envelope
from libs.contracts.codec import InvalidJson, Json, JsonObject, parse_own_json, refuse_overflow
from libs.contracts.envelope import Event
from libs.contracts.events import catalog, dispatcher, engine, shared
from libs.contracts.payload import Payload
from libs.contracts.upcasts import UPCASTS

Reason = Literal["undecodable", "unknown_type", "unknown_version", "invalid_envelope", "invalid_data"]

MODULES = (catalog, engine, dispatcher, shared)

MAX_SENTENCE: Final = 500
"""A sentence may quote the record, and a record may be a megabyte."""


class Undecodable(ValueError):
    """A record that no handler can be given. `reason` goes into the dead letter."""

    def __init__(self, reason: Reason, sentence: str) -> None:
        super().__init__(sentence[:MAX_SENTENCE])
        self.reason: Reason = reason


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
    envelope = _envelope(raw)
    latest = latest_versions().get(envelope.type)
    if latest is None:
        raise Undecodable("unknown_type", f"expected a known event type, but got {envelope.type!r}")
    version = _version(envelope)
    if (envelope.type, version) not in payload_classes():
        raise Undecodable("unknown_version", f"expected {envelope.type} at most in version {latest}, but got {version}")
    _refuse_overflow(raw or b"", envelope)
    return _event(envelope, _payload(envelope.type, version, latest, envelope.data))


def _envelope(raw: bytes | None) -> Envelope:
    document = _document(raw)
    try:
        envelope = Envelope.model_validate(document)
    except ValidationError as error:
        raise Undecodable("invalid_envelope", _sentence("an envelope", error)) from None
    if envelope.id != f"{envelope.subject}:{envelope.sequence}":
        raise Undecodable("invalid_envelope", "expected the id to be <subject>:<sequence>, but it is another")
    return envelope


def _version(envelope: Envelope) -> int:
    prefix, version = envelope.dataschema.rsplit(":", 1)
    if prefix != f"urn:mobius:{envelope.type}":
        raise Undecodable("invalid_envelope", f"expected the dataschema of {envelope.type}, but it is of another type")
    return int(version)


def _payload(type_: str, version: int, latest: int, data: Mapping[str, object]) -> Payload:
    """An old version is first held against its own class, so that an upcast only ever sees what that version allows."""
    try:
        payload = payload_classes()[(type_, version)].model_validate(data)
        for step in range(version, latest):
            lifted = UPCASTS[(type_, step)](payload.model_dump(mode="json", exclude_none=True))
            payload = payload_classes()[(type_, step + 1)].model_validate(lifted)
    except ValidationError as error:
        raise Undecodable("invalid_data", _sentence(type_, error)) from None
    return payload


def _refuse_overflow(raw: bytes, envelope: Envelope) -> None:
    """Where an event carries any JSON, it is taken as it was read. Ids, which often look like numbers, come before; if
    the field is not found as we write it, all is looked at."""
    try:
        refuse_overflow(raw[max(raw.find(b'"data"'), 0) :], cast(Json, envelope.data))
    except InvalidJson as error:
        raise Undecodable("invalid_data", f"expected data that can be written again, but {error}") from None


def _document(raw: bytes | None) -> JsonObject:
    if not raw:
        nothing = "null" if raw is None else "empty"
        raise Undecodable("undecodable", f"expected a CloudEvent, but the value is {nothing}")
    try:
        document = parse_own_json(raw)
    except InvalidJson as error:
        raise Undecodable("undecodable", f"expected JSON, but {error}") from None
    if not isinstance(document, dict):
        raise Undecodable("undecodable", f"expected a JSON object, but got {type(document).__name__}")
    return document


def _event(envelope: Envelope, payload: Payload) -> Event[Payload]:
    return Event(
        source=envelope.source,
        subject=envelope.subject,
        sequence=envelope.sequence,
        partitionkey=envelope.partitionkey,
        project=envelope.project,
        time=envelope.time,
        data=payload,
        actor=envelope.actor,
        causationid=envelope.causationid,
        correlationid=envelope.correlationid,
        traceparent=envelope.traceparent,
    )


def _sentence(what: str, error: ValidationError) -> str:
    first = error.errors(include_url=False, include_input=False)[0]
    where = ".".join(str(part) for part in first["loc"])
    return f"expected {what} to be valid, but {where or 'it'}: {first['msg']}"
