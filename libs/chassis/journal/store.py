"""Appending to the journal and reading streams back."""

from collections.abc import Mapping, Sequence

from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from libs.chassis.journal.entry import Entry
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from libs.contracts.registry import decode

QUERIES = load_queries(__package__)


def append_parts(entries: Sequence[Entry]) -> list[Part]:
    """The parts that append events and remember them as unpublished. A taken `(stream, seq)` raises `Conflict`."""
    if not entries:
        return []
    streams = [entry.event.subject for entry in entries]
    sequences = [entry.event.sequence for entry in entries]
    keys = [entry.event.partitionkey for entry in entries]
    return [
        Part("appended", QUERIES["append_events"], (streams, sequences, keys, [entry.raw for entry in entries])),
        Part("outboxed", QUERIES["remember_unpublished"], ([entry.shard for entry in entries], streams, sequences)),
    ]


async def load_streams(source: Link | Reads, streams: Sequence[str]) -> Mapping[str, list[Event[Payload]]]:
    """The events of each stream in order; a stream that does not exist has none."""
    found: dict[str, list[Event[Payload]]] = {stream: [] for stream in streams}
    for row in await source.rows(QUERIES["load_streams"], list(streams)):
        found[row["stream"]].append(decode(row["event"]))
    return found


async def load_last(source: Link | Reads, streams: Sequence[str]) -> Mapping[str, Event[Payload]]:
    """The last event of each stream, however long it is; a stream that does not exist has none."""
    rows = await source.rows(QUERIES["load_last_events"], list(streams))
    return {row["stream"]: decode(row["event"]) for row in rows}
