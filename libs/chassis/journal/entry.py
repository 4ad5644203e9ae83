"""An event together with its bytes and its place: what is appended, kept in memory and handed to the relay."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.contracts.envelope import Event, encode
from libs.contracts.payload import Payload
from libs.contracts.topics import Topic, topic_for

SHARDS = 4
"""Relays of a service; equals the partitions of its event topic, so that one relay owns a partition."""


@dataclass(frozen=True, slots=True)
class Entry:
    """One event, ready to be appended. `raw` is what the journal keeps and the topic carries."""

    event: Event[Payload]
    raw: bytes
    topic: Topic
    partition: int
    shard: int


@dataclass(frozen=True, slots=True)
class Context:
    """What all events of one command share."""

    service: str
    project: str
    now: datetime
    actor: str | None = None
    causation: str | None = None
    correlation: str | None = None
    traceparent: str | None = None


def entry(context: Context, stream: str, sequence: int, key: str, payload: Payload) -> Entry:
    """Places one payload at `sequence` of `stream`; `key` decides the partition."""
    event: Event[Payload] = Event(
        source=f"/mobius/{context.service}",
        subject=stream,
        sequence=sequence,
        partitionkey=key,
        project=context.project,
        time=context.now,
        data=payload,
        actor=context.actor,
        causationid=context.causation,
        correlationid=context.correlation,
        traceparent=context.traceparent,
    )
    return place(context.service, event, encode(event))


def place(service: str, event: Event[Payload], raw: bytes) -> Entry:
    """Where an event belongs. The shard follows the key over all topics, so one relay keeps its order."""
    topic = topic_for(service, event.data.type)
    if len(raw) + 1024 > topic.max_message_bytes:
        raise ValueError(f"expected an event of at most {topic.max_message_bytes} bytes, but {event.id} has {len(raw)}")
    partition = topic.partition_of(event.partitionkey)
    shard = partition if topic.partitions == SHARDS else 0
    return Entry(event, raw, topic, partition, shard)


def entries(context: Context, stream: str, after: int, key: str, payloads: Sequence[Payload]) -> list[Entry]:
    """Places payloads one after the other behind sequence `after`."""
    return [entry(context, stream, after + step, key, payload) for step, payload in enumerate(payloads, start=1)]
