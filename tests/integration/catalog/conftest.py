"""A whole catalog on real Kafka and PostgreSQL, with a client that has the bootstrap key."""

from collections.abc import AsyncIterator

import pytest
from pydantic import SecretStr

from deploy.local.servers import Database, LocalServers
from libs.chassis.service import Chassis, Service
from services.catalog.settings import CatalogSettings
from services.engine.app import build as build_engine
from services.engine.settings import EngineSettings
from tests.integration.catalog.running import Catalog, new_installation, started


@pytest.fixture
async def settings(servers: LocalServers, database: Database) -> CatalogSettings:
    """A new installation: its own database, project and key."""
    await servers.create_topics()
    return new_installation(servers, database)


@pytest.fixture
async def catalog(settings: CatalogSettings) -> AsyncIterator[Catalog]:
    """A running catalog."""
    async with started(settings) as catalog:
        yield catalog


@pytest.fixture
async def engine_url(servers: LocalServers, database: Database, settings: CatalogSettings) -> AsyncIterator[str]:
    """A running engine of the same installation."""
    engine = EngineSettings(
        postgres_url=SecretStr(database.service_urls["engine"]), kafka_bootstrap=servers.kafka_bootstrap
    )
    chassis = Chassis("engine")
    service = Service(build_engine(engine, chassis), engine, chassis.registry)
    try:
        await service.start()
        yield "http://{}:{}".format(*service.server.address)
    finally:
        await service.stop()


@pytest.fixture
async def whole(settings: CatalogSettings, engine_url: str) -> AsyncIterator[Catalog]:
    """A catalog that can ask an engine."""
    async with started(settings.model_copy(update={"engine_url": engine_url})) as catalog:
        yield catalog
