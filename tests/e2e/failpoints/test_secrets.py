"""The dispatcher dies while it asks an endpoint whether it accepts a new signing secret."""

import asyncio

import pytest

from libs.chassis.ids import new_id
from libs.contracts.codec import Json
from tests.e2e.calls import Caller
from tests.e2e.failpoints.acts import PATIENCE_SECONDS, patiently
from tests.e2e.failpoints.dying import dying
from tests.e2e.failpoints.world import settled
from tests.e2e.installation import Installation


@pytest.mark.parametrize("order", ["secret_probed", pytest.param("secret_use_recorded", marks=pytest.mark.nightly)])
async def test_a_secret_whose_prober_dies_is_proven_all_the_same(installation: Installation, order: str) -> None:
    name, caller, endpoints = new_id("proven").replace("_", "-"), installation.caller, installation.endpoints
    made = await endpoints.register(caller, name)
    async with dying(installation, "dispatcher", order):
        rotated = await patiently(lambda: caller.post(f"actions/{name}/secret/rotate", {"probe": True}))
        endpoints.secrets[name] = rotated.text("signing_secret")
    await _until_active(caller, name, 2)
    world = await settled(installation)

    assert world.types(str(made["id"])) == ["action.created", "action.secret_staged", "action.secret_rotated"]


async def _until_active(caller: Caller, name: str, version: int) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            shown: Json = (await patiently(lambda: caller.get(f"actions/{name}/secret"))).json["secret_version"]
            if shown == version:
                return
            await asyncio.sleep(0.05)
