"""The audit's tables on a real database, without its service."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import LocalServers
from libs.chassis.db.link import PLANNED_ONCE, Link
from libs.chassis.db.migrator import migrate
from libs.chassis.db.reads import Reads


@pytest.fixture(scope="module")
async def url(servers: LocalServers) -> AsyncIterator[str]:
    """One database for all tests of a module."""
    database = await servers.create_database()
    yield database.service_urls["audit"]
    await servers.drop_database(database)


@pytest.fixture(scope="module")
async def link(url: str) -> AsyncIterator[Link]:
    """Writes as the audit's consumer does."""
    link = Link(url, "test-projection", settings=PLANNED_ONCE)
    await migrate(link, "services.audit.migrations")
    yield link
    await link.close()


@pytest.fixture(scope="module")
async def reads(url: str, link: Link) -> AsyncIterator[Reads]:
    """Reads as the audit's pages do."""
    reads = Reads(url, "test-reads")
    await reads.start()
    yield reads
    await reads.stop()
