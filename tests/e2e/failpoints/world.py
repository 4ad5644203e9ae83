"""The state of the world, as raw Kafka and the database have it. Imports nothing of what it judges."""

import asyncio
import json
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient

from tests.e2e.installation import Installation

SERVICES = ("catalog", "engine", "dispatcher", "audit")
PATIENCE_SECONDS = 30
ENDS = ("run.completed", "run.failed")

TRIMMED = ("action-state/", "integration-state/")
"""Streams that may have lost their beginning: states with sealed secrets that were superseded."""

Streams = dict[str, list[bytes]]
"""Events by stream, in order."""


@dataclass(frozen=True)
class World:
    """What a service has in its journal, and what lies on its topics, repeats of an id dropped."""

    journal: Mapping[str, Streams]
    topics: Mapping[str, Streams]

    def types(self, stream: str) -> list[str]:
        """The types of a stream's events, from the journals."""
        found = [streams[stream] for streams in self.journal.values() if stream in streams]
        return [json.loads(raw)["type"] for events in found for raw in events]

    def of_run(self, run_id: str) -> list[dict[str, object]]:
        """What all services said about a run, by any stream of theirs."""
        events = (json.loads(raw) for streams in self.journal.values() for raws in streams.values() for raw in raws)
        return [event for event in events if event.get("partitionkey") == run_id]


async def settled(installation: Installation) -> World:
    """The world once every outbox is empty: what was committed is said, each event once and in order."""
    database = await asyncpg.connect(installation.stack.postgres_url)
    try:
        await _drained(database)
        journal = {service: await _journal(database, service) for service in SERVICES}
    finally:
        await database.close()
    world = World(journal, await _topics(installation.stack.kafka_bootstrap))
    for service in SERVICES:
        agree(service, world.journal[service], world.topics[service])
    return world


def ends_once(world: World, run_id: str, how: str) -> None:
    """A run's terminal event is its last one and the only one."""
    types = world.types(run_id)
    assert types[-1:] == [how], types
    assert [one for one in types if one in ENDS] == [how], types


def agree(service: str, journal: Streams, topics: Streams) -> None:
    for stream, events in journal.items():
        sequences, said = [json.loads(raw)["sequence"] for raw in events], topics.get(stream)
        gone = sequences[0] - 1 if stream.startswith(TRIMMED) else 0
        assert sequences == list(range(gone + 1, gone + len(events) + 1)), (service, stream)
        assert said is not None, f"{service} said nothing of {stream}"
        assert said[gone:] == events, f"{service} did not say of {stream} what it has written down, in order"


async def _drained(database: "asyncpg.Connection[asyncpg.Record]") -> None:
    waiting = " UNION ALL ".join(f"SELECT 1 FROM {service}.outbox" for service in SERVICES)
    async with asyncio.timeout(PATIENCE_SECONDS):
        while await database.fetch(waiting):
            await asyncio.sleep(0.02)


async def _journal(database: "asyncpg.Connection[asyncpg.Record]", service: str) -> Streams:
    streams: Streams = {}
    for row in await database.fetch(f"SELECT stream, event FROM {service}.journal ORDER BY stream, seq"):
        streams.setdefault(row["stream"], []).append(bytes(row["event"]))
    return streams


async def _topics(bootstrap: str) -> dict[str, Streams]:
    places = await _places(bootstrap)
    consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, auto_offset_reset="earliest", enable_auto_commit=False)
    await consumer.start()
    try:
        return {
            service: await _said(consumer, [place for place in places if place.topic.startswith(f"mobius.{service}-")])
            for service in SERVICES
        }
    finally:
        await consumer.stop()


async def _places(bootstrap: str) -> list[TopicPartition]:
    admin = AIOKafkaAdminClient(bootstrap_servers=bootstrap)
    await admin.start()
    try:
        topics = await admin.describe_topics()
        return [TopicPartition(one["topic"], part["partition"]) for one in topics for part in one["partitions"]]
    finally:
        await admin.close()


async def _said(consumer: AIOKafkaConsumer, places: Sequence[TopicPartition]) -> Streams:
    consumer.assign(places)
    await consumer.seek_to_beginning(*places)
    ends = await consumer.end_offsets(places)
    values: list[bytes] = []
    for place, end in ends.items():
        while await consumer.position(place) < end:
            values += [record.value for record in (await consumer.getmany(place, timeout_ms=1_000)).get(place, [])]
    return first_of_each(values)


def first_of_each(values: Iterable[bytes]) -> Streams:
    """Drops repeats of an id, as every subscriber does. What is no event was put there by a test."""
    streams: Streams = {}
    seen: set[str] = set()
    for value in values:
        try:
            event = json.loads(value)
            event_id, stream = event["id"], event["subject"]
        except (ValueError, TypeError, KeyError):
            continue
        if event_id not in seen:
            seen.add(event_id)
            streams.setdefault(stream, []).append(value)
    return streams
