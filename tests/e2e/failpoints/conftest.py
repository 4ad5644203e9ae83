"""The actions that everything here is done with."""

import pytest

from tests.e2e.failpoints.acts import HELD, ONCE, SAFE
from tests.e2e.installation import Installation


@pytest.fixture(scope="session", autouse=True)
async def actions(installation: Installation) -> None:
    """At the endpoint: one that may be repeated, one that may not. `dying-held` is listed by workers."""
    endpoints, caller = installation.endpoints, installation.caller
    await endpoints.register(caller, SAFE, annotations={"idempotent": True})
    await endpoints.register(caller, ONCE)
    await endpoints.register(caller, HELD)
