"""One installation for all tests of limits, stopped before other tests begin."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.kafka_jars import missing_programs
from tests.conftest import server_options
from tests.e2e.limits.load import ACTION
from tests.e2e.limits.strained import Strained, strained


@pytest.fixture(scope="package")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Strained]:
    """With servers of its own, whatever the environment names: they are to be maltreated."""
    if server_options().fallback_broker or missing_programs():
        pytest.skip("only a broker that keeps its records can be away: this needs Java and Maven")
    async with strained(tmp_path_factory.mktemp("limits")) as installation:
        catalog = installation.caller("catalog")
        await installation.endpoints.register(catalog, ACTION, annotations={"idempotent": True})
        yield installation
