"""The services as production runs them: without asserts, and so without failpoints."""

import asyncio

import pytest

from deploy.local.readiness import StartFailed
from libs.chassis.ids import new_id
from libs.contracts.topics import SERVICES
from tests.e2e.failpoints.acts import SAFE, ended, notifying, start
from tests.e2e.failpoints.world import ends_once, settled
from tests.e2e.installation import Installation

OPTIMISED = {"PYTHONOPTIMIZE": "1"}


@pytest.mark.nightly
async def test_optimised_services_do_what_the_others_do(installation: Installation) -> None:
    stack = installation.stack
    await asyncio.gather(*(stack.restart(service, OPTIMISED) for service in SERVICES))
    run_id = await start(installation.caller, notifying(SAFE, new_id("text")))
    run = await ended(installation.caller, run_id)
    ends_once(await settled(installation), run_id, "run.completed")

    assert run["status"] == "completed"


async def test_an_optimised_service_that_is_told_to_die_refuses_to_start(installation: Installation) -> None:
    armed = {**OPTIMISED, "AUDIT_FAILPOINT": "batch_committed"}
    with pytest.raises(StartFailed, match=r"exit code 2(.|\n)*AUDIT_FAILPOINT.*runs with -O has no failpoints"):
        await installation.stack.restart("audit", armed)
    await installation.stack.restart("audit")
