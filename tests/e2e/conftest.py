"""What end-to-end tests may ask for: one installation for all of them, and the ways into it."""

from collections.abc import AsyncIterator, Iterator

import pytest
from deepnoodle.mobius import Client

from demo.mobius_api import MobiusApi, connected
from tests.e2e.bad_input.ground import Ground, made
from tests.e2e.calls import Caller
from tests.e2e.endpoint import Endpoints
from tests.e2e.installation import Installation, running
from tests.e2e.operations import ground as operations
from tests.e2e.reading_room import ReadingRoom, opened
from tests.e2e.sdk_parts import COUNT, COUNT_INPUT, COUNT_OUTPUT, ECHO


@pytest.fixture(scope="session")
async def installation(tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """Started at the first use, stopped at the end of the run."""
    async with running(tmp_path_factory.mktemp("e2e")) as installation:
        yield installation


@pytest.fixture(scope="session")
def caller(installation: Installation) -> Caller:
    """Says exactly what it is told, through the gateway, with the administrator's key."""
    return installation.caller


@pytest.fixture(scope="session")
def endpoints(installation: Installation) -> Endpoints:
    return installation.endpoints


@pytest.fixture(scope="session")
async def api(installation: Installation) -> AsyncIterator[MobiusApi]:
    """A patient client for what is expected to work."""
    stack = installation.stack
    async with connected(stack.api_url, stack.api_key, stack.project) as api:
        yield api


@pytest.fixture(scope="session")
async def ground(caller: Caller, endpoints: Endpoints) -> Ground:
    """What bad requests are about."""
    return await made(caller, endpoints)


@pytest.fixture(scope="session")
async def laid(installation: Installation) -> operations.Ground:
    """One thing of every kind, for what goes through all operations."""
    ground = operations.Ground(installation)
    await ground.lay()
    return ground


@pytest.fixture
def sdk(installation: Installation) -> Iterator[Client]:
    """The published client. It blocks: only for tests beside the loop."""
    stack = installation.stack
    with Client(stack.api_key, base_url=stack.api_url, project=stack.project, timeout=20) as client:
        yield client


@pytest.fixture(scope="session")
async def sdk_actions(caller: Caller, endpoints: Endpoints) -> None:
    """The two actions that the SDK's tests work on. Their endpoint is never called: workers list them."""
    await endpoints.register(caller, COUNT, input_schema=dict(COUNT_INPUT), output_schema=dict(COUNT_OUTPUT))
    await endpoints.register(caller, ECHO)


@pytest.fixture(scope="session")
async def reading_room(
    installation: Installation, api: MobiusApi, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[ReadingRoom]:
    """The demo's parts. The courier serves them as long as no worker lists their action."""
    async with opened(installation, api, tmp_path_factory.mktemp("reading-room")) as room:
        yield room
