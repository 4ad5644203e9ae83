"""Positions on a real broker and a real database: moved once, with their effects, and by nobody but us."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from typing import cast

import asyncpg
import pytest
from aiokafka import AIOKafkaProducer, TopicPartition
from aiokafka.admin import AIOKafkaAdminClient
from prometheus_client import CollectorRegistry
from structlog.testing import capture_logs

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.batch import NO_EFFECTS, Effects, Heard, Record
from libs.chassis.bus.consumer import Consumer
from libs.chassis.bus.consumer_metrics import ConsumerMetrics
from libs.chassis.bus.ledger import Ledger
from libs.chassis.bus.plan import SetAside
from libs.chassis.bus.positions import advance_part, read_positions, seed_position
from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.db.statement import run
from libs.chassis.ids import new_id
from libs.chassis.outbox.relay import Relay
from libs.contracts.events.dispatcher import JobClaimed
from libs.contracts.topics import Topic
from tests.emptying import clear
from tests.integration.chassis.write_path import claimed, migrated, said
from tests.integration.poison.records import PARTITION, Publisher

TOPIC = Topic(
    name="test.positions",
    description="As the dispatcher's.",
    speaker="dispatcher",
    partitions=1,
    types=(JobClaimed.type,),
)
PLACE = (TOPIC.name, PARTITION)
REFUSING = (
    "CREATE FUNCTION refuse() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'expected nothing'; END $$",
    "CREATE TRIGGER refusing BEFORE INSERT ON journal EXECUTE FUNCTION refuse()",
)


class Unheard:
    """A relay that nobody listens to."""

    def offer(self, _entries: object) -> None:
        pass

    async def room(self) -> None:
        pass


class Hearing:
    """Keeps the sequences that took effect."""

    def __init__(self) -> None:
        self.heard: list[int] = []

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        return Effects(committed=lambda: self.heard.extend(item.event.sequence for item in heard))


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = await migrated(database, "engine", "services.engine.migrations")
    yield link
    await link.close()


@pytest.fixture
async def publisher(servers: LocalServers) -> AsyncIterator[Publisher]:
    await servers.create_topics([TOPIC])
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap)
    await producer.start()
    publisher = Publisher(producer, TOPIC.name)
    await publisher.put(b"first")  # tried until the topic, which may be new, has a leader
    await clear(servers.kafka_bootstrap, TOPIC.name)
    yield publisher
    await producer.stop()


@asynccontextmanager
async def consuming(servers: LocalServers, database: Database) -> AsyncIterator[Hearing]:
    hearing, own = Hearing(), Link(database.service_urls["engine"], "test-consumer")
    consumer = Consumer("engine", servers.kafka_bootstrap, [TOPIC.name], own, cast(Relay, Unheard()), hearing)
    await consumer.start()
    yield hearing
    await consumer.stop()


async def test_of_two_that_hold_a_partition_one_moves_its_position(link: Link) -> None:
    await seed_position(link, PLACE, 5)
    await run(link, [advance_part({PLACE: 5}, {PLACE: 7})])
    with pytest.raises(Conflict):
        await run(link, [advance_part({PLACE: 5}, {PLACE: 9})])
    assert await read_positions(link) == {PLACE: 7}


async def test_a_dead_letter_that_cannot_be_written_leaves_the_position_where_it_was(link: Link) -> None:
    await seed_position(link, PLACE, 5)
    for statement in REFUSING:
        await link.rows(statement)
    ledger = Ledger("engine", link, cast(Relay, Unheard()), ConsumerMetrics(CollectorRegistry()))
    aside = SetAside(Record(*PLACE, 5, 0, b"key", b"no event"), "undecodable", "expected an event, but it is none")
    with pytest.raises(asyncpg.RaiseError):
        await ledger.record([advance_part({PLACE: 5}, {PLACE: 6})], NO_EFFECTS, [aside])
    assert await read_positions(link) == {PLACE: 5}


async def test_a_position_before_the_first_record_is_told_and_not_leapt_over(
    servers: LocalServers, database: Database, link: Link, publisher: Publisher
) -> None:
    stream = new_id("run")
    lost, kept = said(stream, 0, [claimed(stream, 1), claimed(stream, 2)])
    position = await publisher.put(lost.raw)
    await clear(servers.kafka_bootstrap, TOPIC.name)
    await publisher.put(kept.raw)
    await seed_position(link, PLACE, position)
    with capture_logs() as lines:
        async with consuming(servers, database) as hearing, asyncio.timeout(20):
            while not (hearing.heard or any("OffsetOutOfRange" in str(line.get("error")) for line in lines)):
                await asyncio.sleep(0.02)
    assert hearing.heard == []
    assert await read_positions(link) == {PLACE: position}


async def test_the_broker_is_not_told_any_position(
    servers: LocalServers, database: Database, link: Link, publisher: Publisher
) -> None:
    stream = new_id("run")
    offset = await publisher.put(said(stream, 0, [claimed(stream, 1)])[0].raw)
    async with consuming(servers, database) as hearing, asyncio.timeout(20):
        while not hearing.heard:
            await asyncio.sleep(0.02)
    assert await read_positions(link) == {PLACE: offset + 1}
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    told = await admin.list_consumer_group_offsets("mobius-engine")
    await admin.close()
    assert TopicPartition(*PLACE) not in told
