"""The audit as it runs, on real topics: what it hears becomes rows, and what is dropped comes again."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from typing import Final

import pytest

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.producer import Message, Producer
from libs.chassis.db.link import Link, Row
from libs.chassis.ids import new_id
from libs.contracts.topics import TOPICS
from tests.integration.audit.hearing import TABLES, emptied
from tests.integration.poison.hearers import built
from tests.unit.audit.stories import Stream, all_streams

WITHIN_SECONDS = 60
EVENTS: Final = 2 * 9 + 7 + 3
"""What stands in the histories of the four runs."""

OWN: Final = {
    "invocations": "project = $1",
    "invocation_stats": "project = $1",
    "runs": "project = $1",
    "workflows": "project = $1",
    "run_events": "run_id IN (SELECT id FROM runs WHERE project = $1)",
    "run_attempts": "run_id IN (SELECT id FROM runs WHERE project = $1)",
    "workflow_versions": "workflow_id IN (SELECT id FROM workflows WHERE project = $1)",
}


@pytest.fixture
async def producer(servers: LocalServers) -> AsyncIterator[Producer]:
    await servers.create_topics()
    producer = Producer(servers.kafka_bootstrap, "test-speaker")
    yield producer
    await producer.stop()


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = Link(database.service_urls["audit"], "test-service")
    yield link
    await link.close()


@asynccontextmanager
async def running(servers: LocalServers, database: Database) -> AsyncIterator[None]:
    _, service = built(servers, database, "audit", "a")
    await service.start()
    try:
        yield
    finally:
        await service.stop()


async def publish(producer: Producer, streams: Sequence[Stream]) -> None:
    for record in (item.record for stream in streams for item in stream.heard):
        said = [Message(record.key or b"", record.value or b"")]
        await producer.publish(TOPICS[record.topic], record.partition, said)


async def own_rows(link: Link, project: str) -> Mapping[str, list[Row]]:
    """Everything that is projected of the project."""
    return {
        table: list(await link.rows(f"SELECT * FROM {table} WHERE {own} ORDER BY {TABLES[table]}", project))
        for table, own in OWN.items()
    }


async def when_all_is_there(link: Link, project: str) -> Mapping[str, list[Row]]:
    counts = {"run_events": EVENTS, "invocations": 3, "runs": 4, "workflow_versions": 2}
    async with asyncio.timeout(WITHIN_SECONDS):
        while True:
            found = await own_rows(link, project)
            if all(len(found[table]) == count for table, count in counts.items()):
                return found
            await asyncio.sleep(0.1)


async def test_what_was_dropped_is_projected_again(
    servers: LocalServers, database: Database, producer: Producer, link: Link
) -> None:
    project = new_id("p").replace("_", "-")
    await publish(producer, all_streams(f"{project}_", project))
    async with running(servers, database):
        first = await when_all_is_there(link, project)
    await emptied(link)
    await link.rows("TRUNCATE positions")
    async with running(servers, database):
        assert await when_all_is_there(link, project) == first
    assert sorted(run["status"] for run in first["runs"]) == ["active", "completed", "completed", "failed"]
