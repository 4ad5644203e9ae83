"""What is really there afterwards: the journal by SQL, the topics byte by byte. Nothing of the services' own code."""

import asyncio
import json

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.contracts.topics import SERVICES
from tests.e2e.limits.load import Load
from tests.e2e.limits.strained import Strained

DRAINED_WITHIN_SECONDS = 100
TOPIC = "mobius.engine-events.v1"
PARTITIONS = 4


async def check(installation: Strained, load: Load) -> None:
    """What was accepted is on the topic, in order, and has ended; what was refused is nowhere."""
    for external_id, reply in load.refused.items():
        assert reply.status == 503, (external_id, reply.raw)
        assert int(reply.headers["Retry-After"]) > 0
    await until_over(installation, list(load.accepted.values()))
    await until_drained(installation)
    journal = await journaled(installation, load)
    assert journal == load.accepted | {
        external_id: journal.get(external_id) for external_id in load.unclear & journal.keys()
    }
    topic = await published(installation)
    assert set(journal.values()) <= topic.keys()
    for stream, sequences in topic.items():
        seen = list(dict.fromkeys(sequences))
        assert seen == list(range(1, len(seen) + 1)), (stream, sequences)


async def journaled(installation: Strained, load: Load) -> dict[str, str]:
    """By external id, the run that began with it."""
    query = "SELECT stream, event FROM engine.journal WHERE seq = 1 AND stream LIKE 'run_%'"
    async with installation.superuser() as connection:
        events = {row["stream"]: json.loads(row["event"]) for row in await connection.fetch(query)}
    begun = {event["data"]["external_id"]: stream for stream, event in events.items()}
    return {external_id: stream for external_id, stream in begun.items() if external_id.startswith(load.name)}


async def published(installation: Strained) -> dict[str, list[int]]:
    """By stream, the sequences on the topic as they lie there."""
    found: dict[str, list[int]] = {}
    async with AIOKafkaConsumer(bootstrap_servers=installation.broker.bootstrap) as consumer:
        places = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]
        consumer.assign(places)
        await consumer.seek_to_beginning(*places)
        ends = await consumer.end_offsets(places)
        while any([await consumer.position(place) < end for place, end in ends.items()]):
            for records in (await consumer.getmany(timeout_ms=500)).values():
                for record in records:
                    event = json.loads(record.value)
                    found.setdefault(event["subject"], []).append(int(event["sequence"]))
    return found


async def until_over(installation: Strained, run_ids: list[str]) -> None:
    """Waits until every one of these runs has ended, and well."""
    query = "SELECT status, count(*) AS runs FROM engine.runs WHERE run_id = ANY ($1::text[]) GROUP BY status"
    statuses: dict[str, int] = {}
    try:
        async with asyncio.timeout(DRAINED_WITHIN_SECONDS), installation.superuser() as connection:
            while statuses != {"completed": len(run_ids)}:
                statuses = {row["status"]: row["runs"] for row in await connection.fetch(query, run_ids)}
                await asyncio.sleep(0.1)
    except TimeoutError:
        raise AssertionError(f"expected {len(run_ids)} completed runs, but they are {statuses}") from None


async def until_drained(installation: Strained) -> None:
    """Waits until no service has anything left to publish."""
    async with asyncio.timeout(DRAINED_WITHIN_SECONDS), installation.superuser() as connection:
        for service in SERVICES:
            while await connection.fetchval(f"SELECT count(*) FROM {service}.outbox"):
                await asyncio.sleep(0.1)
