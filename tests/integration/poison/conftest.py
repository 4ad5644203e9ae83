"""Every service that hears, on a topic of its own history, with pauses between tries that a test can wait for."""

from collections.abc import AsyncIterator, Iterator
from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from deploy.local.servers import LocalServers
from libs.chassis.bus import consumer, handling
from tests.integration.poison.hearers import Hearer, a_project, hearing
from tests.integration.poison.records import Publisher, publishing
from tests.integration.poison.subjects import SUBJECTS


@pytest.fixture(autouse=True)
def short_pauses(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Also between lines of the log, whose pictures of every stack take longer than all the rest."""
    for module in (handling, consumer):
        monkeypatch.setattr(module, "RETRY_DELAY", timedelta(milliseconds=5))
    with capture_logs():
        yield


@pytest.fixture(scope="module")
async def project(servers: LocalServers) -> AsyncIterator[str]:
    async with a_project(servers) as handle:
        yield handle


@pytest.fixture(scope="module", params=SUBJECTS, ids=lambda pair: f"{pair[0]} hears {pair[1].split('.')[1]}")
async def pair(request: pytest.FixtureRequest) -> tuple[str, str]:
    """A service and a topic that it hears."""
    name, topic = request.param
    return name, topic


@pytest.fixture(scope="module")
async def publisher(servers: LocalServers, project: str, pair: tuple[str, str]) -> AsyncIterator[Publisher]:
    async with publishing(servers.kafka_bootstrap, pair[1]) as publisher:
        yield publisher


@pytest.fixture(scope="module")
async def hearer(
    servers: LocalServers, publisher: Publisher, project: str, pair: tuple[str, str]
) -> AsyncIterator[Hearer]:
    """One for all tests of a module: each has streams of its own, and leaves nothing parked."""
    database = await servers.create_database()
    async with hearing(servers, database, publisher, pair[0], project) as hearer:
        yield hearer
    await servers.drop_database(database)
