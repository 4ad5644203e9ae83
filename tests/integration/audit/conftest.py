"""The audit's tables on a real database, without its service."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Database
from libs.chassis.db.link import PLANNED_ONCE, Link
from libs.chassis.db.migrator import migrate
from libs.chassis.db.reads import Reads


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    """Writes as the audit's consumer does."""
    link = Link(database.service_urls["audit"], "test-projection", settings=PLANNED_ONCE)
    await migrate(link, "services.audit.migrations")
    yield link
    await link.close()


@pytest.fixture
async def reads(database: Database, link: Link) -> AsyncIterator[Reads]:
    """Reads as the audit's pages do."""
    reads = Reads(database.service_urls["audit"], "test-reads")
    await reads.start()
    yield reads
    await reads.stop()
