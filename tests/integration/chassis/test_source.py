"""Members of a consumer group that have a name, on a real broker."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager, suppress

import pytest
from aiokafka.admin import AIOKafkaAdminClient, NewTopic
from aiokafka.errors import NoOffsetForPartitionError

from deploy.local.servers import LocalServers
from libs.chassis.bus.positions import Place
from libs.chassis.bus.source import Source
from libs.chassis.ids import new_id

PARTITIONS = 2
BACK_WITHIN_SECONDS = 5
"""Less than the session timeout, after which anybody's partitions are given to others."""


async def from_the_first(_places: Sequence[Place], first: Mapping[Place, int]) -> Mapping[Place, int]:
    return first


@pytest.fixture
async def topics(servers: LocalServers) -> list[str]:
    names = [f"test.named.{new_id('t')}" for _ in range(2)]
    admin = AIOKafkaAdminClient(bootstrap_servers=servers.kafka_bootstrap)
    await admin.start()
    await admin.create_topics([NewTopic(name, PARTITIONS, 1) for name in names])
    await admin.close()
    return names


@asynccontextmanager
async def member(servers: LocalServers, group: str, topics: Sequence[str]) -> AsyncIterator[Source]:
    """A replica called `a`, in the group until the end of the block; it does not say that it leaves."""
    source = Source(servers.kafka_bootstrap, group, topics, from_the_first, "a")
    await source.start()
    try:
        yield source
    finally:
        await source.stop()


async def until_reading(source: Source, wanted: set[Place], seconds: float) -> None:
    """Returns when it reads from these places."""
    async with asyncio.timeout(seconds):
        while set(source.positions) != wanted:
            with suppress(NoOffsetForPartitionError):  # read before the first positions are set: the loop tries again
                await source.take(1)


def places(topics: Sequence[str]) -> set[Place]:
    return {(topic, partition) for topic in topics for partition in range(PARTITIONS)}


async def test_a_replica_that_comes_back_goes_on_at_once(servers: LocalServers, topics: list[str]) -> None:
    if servers.lost_sentence:
        pytest.skip("the fallback broker knows no names")
    group = new_id("g")
    for seconds in (30, BACK_WITHIN_SECONDS):
        async with member(servers, group, topics[:1]) as source:
            await until_reading(source, places(topics[:1]), seconds)


async def test_a_release_that_hears_a_topic_more_is_given_it(servers: LocalServers, topics: list[str]) -> None:
    group = new_id("g")
    async with member(servers, group, topics[:1]) as source:
        await until_reading(source, places(topics[:1]), 30)
    async with member(servers, group, topics) as source:
        await until_reading(source, places(topics), 30)
