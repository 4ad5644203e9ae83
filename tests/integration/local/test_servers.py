"""The two servers of the local stack, through real clients."""

import asyncpg
import pytest
from aiokafka import AIOKafkaConsumer, AIOKafkaProducer
from aiokafka.admin import AIOKafkaAdminClient

from deploy.local.provisioning import ProvisioningRefused
from deploy.local.servers import Database, LocalServers
from libs.contracts.topics import TOPICS, Topic


def topic(name: str, partitions: int) -> Topic:
    return Topic(name=name, description="for a test", speaker="engine", partitions=partitions, types=("a.b",))


@pytest.fixture
def real_broker(servers: LocalServers) -> LocalServers:
    if servers.lost_sentence:
        pytest.skip("the fallback broker has no topics but those of the contracts")
    return servers


async def test_a_record_is_produced_and_consumed_by_a_group(real_broker: LocalServers) -> None:
    await real_broker.create_topics([topic("local.round-trip", 4)])
    at = real_broker.kafka_bootstrap
    async with AIOKafkaProducer(bootstrap_servers=at, acks="all", enable_idempotence=True) as producer:
        await producer.send_and_wait("local.round-trip", b"\x00\xff", key=b"k", partition=3)
    topics = ["local.round-trip"]
    async with AIOKafkaConsumer(*topics, bootstrap_servers=at, group_id="g", auto_offset_reset="earliest") as consumer:
        record = await consumer.getone()
    assert (record.partition, record.key, record.value) == (3, b"k", b"\x00\xff")


async def test_every_topic_of_the_contracts_has_its_partitions_also_when_created_twice(servers: LocalServers) -> None:
    await servers.create_topics()
    await servers.create_topics()
    client = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await client.start()
    found = {entry["topic"]: len(entry["partitions"]) for entry in await client.describe_topics(list(TOPICS))}
    await client.close()
    assert found == {name: topic.partitions for name, topic in TOPICS.items()}


async def test_a_topic_with_another_partition_count_is_refused(real_broker: LocalServers) -> None:
    await real_broker.create_topics([topic("local.counted", 4)])
    with pytest.raises(ProvisioningRefused, match=r"expected topic local\.counted to have 2 partitions, but it has 4"):
        await real_broker.create_topics([topic("local.counted", 2)])


async def test_a_service_finds_its_own_schema_and_cannot_read_another_ones(database: Database) -> None:
    engine = await asyncpg.connect(database.service_urls["engine"])
    audit = await asyncpg.connect(database.service_urls["audit"])
    try:
        await engine.execute("CREATE TABLE runs (id text)")
        assert await engine.fetchval("SELECT schemaname FROM pg_tables WHERE tablename = 'runs'") == "engine"
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await audit.fetch("SELECT * FROM engine.runs")
    finally:
        await engine.close()
        await audit.close()
