"""Who uses an action: latest versions of workflows, and runs in flight, whatever version or spec they began with."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Database
from libs.chassis.db.reads import Reads
from libs.contracts.codec import Json, JsonObject
from services.engine.store.dependents import Dependents
from tests.integration.engine.running import Engine

WHO = "/actions/summarize-document/dependents"
NOBODY: JsonObject = {
    "action": "summarize-document",
    "workflows": [],
    "runs_in_flight": 0,
    "runs": [],
    "versions_in_flight": [],
    "complete": True,
}
OTHER: JsonObject = {
    "name": "other",
    "steps": [
        {"name": "tell", "action": "slack.post-message", "action_kind": "server", "parameters": {"channel": "#ops"}}
    ],
}


async def test_an_action_that_nobody_uses_has_no_dependents(engine: Engine) -> None:
    assert await engine.get(WHO) == NOBODY


async def test_workflows_are_named_by_their_latest_version_only(engine: Engine) -> None:
    used = await engine.save()
    left = await engine.save(name="left")
    status, _ = await engine.call("PATCH", f"/workflows/{left['id']}", {"spec": OTHER})
    assert status == 200

    workflow: JsonObject = {"id": used["id"], "name": "document", "latest_version": 1, "steps": ["summarize"]}
    assert (await engine.get(WHO))["workflows"] == [workflow]
    workflows = (await engine.get("/actions/slack.post-message/dependents"))["workflows"]
    assert isinstance(workflows, list)
    assert [one["name"] for one in workflows if isinstance(one, dict)] == ["document", "left"]


async def test_open_runs_are_found_by_the_version_they_began_with_and_inline(engine: Engine) -> None:
    workflow = await engine.save()
    _, first = await engine.call("POST", f"/workflows/{workflow['id']}/runs", {"inputs": {"doc_id": "d1"}})
    _, second = await engine.call("POST", f"/workflows/{workflow['id']}/runs", {"inputs": {"doc_id": "d2"}})
    await engine.call("PATCH", f"/workflows/{workflow['id']}", {"spec": OTHER})
    inline = await engine.start()
    ended = await engine.start()
    await engine.call("POST", f"/runs/{ended['id']}/cancellations")
    await engine.start(spec=OTHER, inputs={})

    who = await engine.get(WHO)
    saved: JsonObject = {"workflow_name": "document", "definition_id": workflow["id"], "definition_version": 1}
    assert (who["workflows"], who["runs_in_flight"], who["complete"]) == ([], 3, True)
    assert who["runs"] == [
        {"id": inline["id"], "workflow_name": "document"},
        {"id": second["id"], **saved},
        {"id": first["id"], **saved},
    ]
    assert who["versions_in_flight"] == [{**saved, "runs": 2}, {"workflow_name": "document", "runs": 1}]


@pytest.fixture
async def reads(database: Database) -> AsyncIterator[Reads]:
    reads = Reads(database.service_urls["engine"], "test-reads")
    await reads.start()
    yield reads
    await reads.stop()


async def test_what_is_not_looked_through_is_said(engine: Engine, reads: Reads) -> None:
    runs: list[Json] = [(await engine.start())["id"] for _ in range(3)]
    whose = engine.speaker.project, "summarize-document"

    newest = await Dependents(reads, runs_looked_at=2).open_runs(*whose, 10)
    assert (newest.in_flight, newest.complete) == (2, False)
    assert [run["run_id"] for run in newest.runs] == runs[:0:-1]
    one = await Dependents(reads, inline_looked_at=1).open_runs(*whose, 10)
    assert (one.in_flight, one.complete) == (1, False)
    listed = await Dependents(reads).open_runs(*whose, 2)
    assert (listed.in_flight, len(listed.runs), listed.complete) == (3, 2, True)


async def test_an_unknown_action_is_not_found(engine: Engine) -> None:
    assert (await engine.call("GET", "/actions/nobody-knows/dependents"))[0] == 404
