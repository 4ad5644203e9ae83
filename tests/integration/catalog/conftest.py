"""A whole catalog on real Kafka and PostgreSQL, with a client that has the bootstrap key."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from deploy.local.servers import Database, LocalServers
from libs.chassis.ids import new_id
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.running import Catalog, started

MASTER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@pytest.fixture
async def settings(servers: LocalServers, database: Database) -> CatalogSettings:
    """A new installation: its own database, project and key."""
    await servers.create_topics()
    return CatalogSettings(
        postgres_url=SecretStr(database.service_urls["catalog"]),
        kafka_bootstrap=servers.kafka_bootstrap,
        master_key=SecretStr(MASTER_KEY),
        bootstrap_project=new_id("p").replace("_", "-"),
        bootstrap_api_key=SecretStr(f"mbx_{new_id('test')}"),
        allowed_targets=("127.0.0.0/8",),
    )


@pytest.fixture
async def catalog(settings: CatalogSettings) -> AsyncIterator[Catalog]:
    """A running catalog."""
    async with started(settings) as catalog:
        yield catalog
