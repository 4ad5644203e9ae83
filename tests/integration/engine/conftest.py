"""A whole engine on real Kafka and PostgreSQL, with a client that has keys."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.producer import Producer
from libs.chassis.ids import new_id
from tests.integration.engine.running import Engine, started
from tests.integration.engine.speaking import Speaker


@pytest.fixture
async def speaker(servers: LocalServers) -> AsyncIterator[Speaker]:
    """A project of its own for each test."""
    await servers.create_topics()
    producer = Producer(servers.kafka_bootstrap, "test-speaker")
    speaker = Speaker(producer, new_id("p").replace("_", "-"))
    await speaker.open_project()
    yield speaker
    await producer.stop()


@pytest.fixture
async def engine(servers: LocalServers, database: Database, speaker: Speaker) -> AsyncIterator[Engine]:
    """A running engine."""
    async with started(servers, database, speaker) as engine:
        yield engine
