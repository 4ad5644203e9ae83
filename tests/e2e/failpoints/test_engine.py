"""The engine dies between its commits and its answers."""

from uuid import uuid4

import pytest

from libs.contracts.codec import JsonObject
from tests.e2e.failpoints.acts import HELD, SAFE, Worker, ended, only, patiently, start
from tests.e2e.failpoints.dying import dying
from tests.e2e.failpoints.world import ends_once, settled
from tests.e2e.installation import Installation


async def test_runs_that_begin_while_it_dies_begin_once(installation: Installation) -> None:
    caller, external_id = installation.caller, uuid4().hex
    body: JsonObject = {"mode": "inline", "spec": only(SAFE), "external_id": external_id}
    async with dying(installation, "engine", "starts_committed"):
        first = await caller.post("runs", body)
    assert first.status == 502
    runs = (await caller.get(f"runs?external_id={external_id}")).items
    assert len(runs) == 1
    again = await patiently(lambda: caller.post("runs", body))
    run = await ended(caller, str(runs[0]["id"]))
    world = await settled(installation)

    assert run["status"] == "completed"
    assert again.status in (202, 409)
    assert str(runs[0]["id"]) in again.raw.decode()
    ends_once(world, str(runs[0]["id"]), "run.completed")
    assert len(installation.endpoints.of_run(str(runs[0]["id"]))) == 1


@pytest.mark.nightly
async def test_a_run_that_is_cancelled_while_it_dies_is_cancelled_once(installation: Installation) -> None:
    caller, worker = installation.caller, Worker(installation.caller)
    async with dying(installation, "engine", "change_committed"):
        await worker.announce()
        run_id = await start(caller, only(HELD))
        await worker.claim()
        answer = await patiently(lambda: caller.call("POST", f"runs/{run_id}/cancellations"))
    run = await ended(caller, run_id)
    world = await settled(installation)

    assert answer.status == 204
    assert run["status"] == "failed"
    ends_once(world, run_id, "run.failed")
    assert [event["type"] for event in world.of_run(run_id)].count("job.closed") == 1


@pytest.mark.nightly
async def test_a_workflow_that_is_saved_while_it_dies_is_saved_once(installation: Installation) -> None:
    caller, name = installation.caller, uuid4().hex
    async with dying(installation, "engine", "workflow_committed"):
        answer = await patiently(lambda: caller.post("workflows", {"name": name, "spec": only(SAFE)}))
    saved = [item for item in (await caller.get("workflows")).items if item["name"] == name]
    world = await settled(installation)

    assert answer.status == 409
    assert len(saved) == 1
    assert saved[0]["id"] == answer.json["error"]["details"]["existing_id"]  # type: ignore[index, call-overload]
    assert world.types(str(saved[0]["id"])) == ["workflow.created"]
