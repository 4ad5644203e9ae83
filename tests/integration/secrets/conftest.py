"""A house, and a catalog and a dispatcher in it."""

import base64
from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Database, LocalServers
from tests.integration.catalog.running import Catalog
from tests.integration.secrets.house import House, furnished
from tests.integration.secrets.receiving import Receiver, receiving

MASTER_KEY = base64.b64encode(bytes(32)).decode()


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    async with receiving() as receiver:
        yield receiver


@pytest.fixture
async def house(servers: LocalServers, database: Database, receiver: Receiver) -> AsyncIterator[House]:
    async with furnished(servers, database, receiver) as house:
        yield house


@pytest.fixture
async def catalog(house: House) -> AsyncIterator[Catalog]:
    """Both services run; this is the way into one of them."""
    async with house.catalog(MASTER_KEY) as catalog, house.dispatcher(MASTER_KEY):
        yield catalog
