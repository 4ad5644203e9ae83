"""What every test may ask for: `servers` (real Kafka and PostgreSQL, one pair for the whole run) and `database`."""

import os
from collections.abc import AsyncIterator

import pytest
from hypothesis import settings

from deploy.local.servers import Database, LocalServers, ServerOptions
from libs.contracts.topics import TOPICS
from tests.emptying import clear

# The same examples every time and no clock: a red build means a change. MOBIUS_HYPOTHESIS=explore looks for new ones.
settings.register_profile("repeat", derandomize=True, deadline=None)
settings.register_profile("explore", deadline=None)
settings.load_profile(os.environ.get("MOBIUS_HYPOTHESIS", "repeat"))


@pytest.fixture(scope="session")
async def servers(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[LocalServers]:
    """Started at the first use, stopped at the end of the run. `servers.kafka_bootstrap`, `servers.postgres_url`."""
    async with LocalServers(tmp_path_factory.mktemp("servers"), server_options()) as servers:
        yield servers


def server_options() -> ServerOptions:
    """Tests use the servers that the environment names, as the stack does."""
    return ServerOptions(
        postgres_url=os.environ.get("MOBIUS_POSTGRES_URL"),
        kafka_bootstrap=os.environ.get("MOBIUS_KAFKA_BOOTSTRAP"),
        fallback_broker=os.environ.get("MOBIUS_LOCAL_BROKER") == "fallback",
    )


async def forget_events(servers: LocalServers) -> None:
    """Empties the topics of events; states stay, as compacted topics keep them for every installation."""
    if servers.lost_sentence:
        return  # the fallback broker cannot
    await clear(servers.kafka_bootstrap, *(topic.name for topic in TOPICS.values() if not topic.compacted))


@pytest.fixture
async def database(servers: LocalServers) -> AsyncIterator[Database]:
    """A fresh database for one test: `database.url` (administrator), `database.service_urls["engine"]`. What earlier
    tests have said is gone from the topics: a service that remembers nothing would hear it all, and act on it."""
    await forget_events(servers)
    database = await servers.create_database()
    try:
        yield database
    finally:
        await servers.drop_database(database)
