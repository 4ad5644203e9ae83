"""From records to events: what cannot be decoded is set aside at once, and counts as seen where it names its place."""

from collections.abc import Sequence
from dataclasses import dataclass, field

from pydantic import ValidationError

from libs.chassis.bus.batch import Heard, Record
from libs.chassis.bus.plan import SetAside
from libs.chassis.bus.positions import Place
from libs.contracts.attributes import Envelope
from libs.contracts.codec import InvalidJson, parse_own_json
from libs.contracts.registry import Undecodable, decode


@dataclass(slots=True)
class Decoded:
    """`skipped`: the records of `aside` that name a stream and a sequence, by partition, stream and sequence."""

    heard: list[Heard] = field(default_factory=list)
    aside: list[SetAside] = field(default_factory=list)
    skipped: dict[Place, dict[str, dict[int, Record]]] = field(default_factory=dict)


def decode_all(records: Sequence[Record]) -> Decoded:
    """Decodes a batch, in its order."""
    decoded = Decoded()
    for record in records:
        try:
            decoded.heard.append(Heard(decode(record.value), record))
        except Undecodable as error:
            decoded.aside.append(SetAside(record, error.reason, str(error)))
            _name(decoded, record)
    return decoded


def envelope_of(value: bytes | None) -> Envelope | None:
    """The attributes of a record whose data may be anything; None where they cannot be read."""
    try:
        return Envelope.model_validate(parse_own_json(value or b""))
    except (InvalidJson, ValidationError):
        return None


def _name(decoded: Decoded, record: Record) -> None:
    envelope = envelope_of(record.value)
    if envelope is not None:
        streams = decoded.skipped.setdefault((record.topic, record.partition), {})
        streams.setdefault(envelope.subject, {})[envelope.sequence] = record
