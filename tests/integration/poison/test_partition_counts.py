"""A service looks at its topics before it touches anything, and refuses those whose keys would be elsewhere."""

import pytest

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.partition_counts import PartitionCounts, WrongPartitionCount, topics_of
from libs.contracts.topics import SERVICES, Topic
from tests.integration.poison.hearers import built


def counted(name: str, partitions: int) -> Topic:
    return Topic(name=name, description="for a test", speaker="engine", partitions=partitions, types=("a.b",))


async def test_topics_as_the_contracts_say_are_fine_for_every_service(servers: LocalServers) -> None:
    await servers.create_topics()
    for service in SERVICES:
        counts = PartitionCounts(topics_of(service), servers.kafka_bootstrap)
        await counts.start()
        assert counts.ready() is None


async def test_a_topic_with_another_count_is_refused_and_a_missing_one_is_not(servers: LocalServers) -> None:
    await servers.create_topics([counted("test.recounted", 3)])
    counts = PartitionCounts([counted("test.recounted", 4), counted("test.missing", 4)], servers.kafka_bootstrap)
    with pytest.raises(
        WrongPartitionCount, match=r"^expected topic test\.recounted to have 4 partitions, but it has 3$"
    ):
        await counts.start()
    assert counts.ready() is not None


@pytest.mark.parametrize("service", SERVICES)
async def test_a_service_looks_at_its_topics_before_anything_else(
    servers: LocalServers, database: Database, service: str
) -> None:
    app, _ = built(servers, database, service, "a")
    assert isinstance(app.components[0], PartitionCounts)
    for part in app.components:
        await part.stop()
