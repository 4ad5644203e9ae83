"""Turns a record that cannot be handled into an event that keeps every byte of it."""

from base64 import b64encode
from datetime import datetime

from libs.chassis.bus.batch import Record
from libs.chassis.bus.parking import name_bytes
from libs.chassis.journal.entry import Context, Entry, entry
from libs.contracts.events.shared import RecordDeadLettered

MOST_VALUE_BYTES = 2_000_000
"""Larger values are cut: the broker would refuse the dead letter. The original still lies at its offset."""


def dead_letter(service: str, record: Record, reason: str, error: str, now: datetime, tries: int = 1) -> Entry:
    """The dead letter of a record. Its stream is the record's place, so that the same record is never kept twice."""
    place = place_of(record)
    payload = RecordDeadLettered(
        topic=record.topic,
        partition=record.partition,
        offset=record.offset,
        reason=reason,
        error=error[:2_000],
        tries=tries,
        key_b64=_b64(record.key),
        value_b64=_b64(record.value),
        headers=[(_b64(name_bytes(name)) or "", _b64(value) or "") for name, value in record.headers],
    )
    return entry(Context(service=service, project="", now=now), place, 1, place, payload)


def place_of(record: Record) -> str:
    """The name of a record's dead letter."""
    return f"{record.topic}/{record.partition}/{record.offset}"


def _b64(raw: bytes | None) -> str | None:
    return None if raw is None else b64encode(raw[:MOST_VALUE_BYTES]).decode()
