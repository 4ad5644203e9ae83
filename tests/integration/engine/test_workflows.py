"""Saved definitions over HTTP: versions, names, and the runs that are pinned to them."""

from typing import cast

from deepnoodle.mobius._api.models import (
    WorkflowDefinition,
    WorkflowDefinitionListResponse,
    WorkflowVersion,
    WorkflowVersionListResponse,
)

from libs.chassis.ids import new_id
from libs.contracts.codec import JsonObject
from tests.integration.engine.running import DOCUMENT_SPEC, Engine
from tests.integration.engine.speaking import TOKENS

STEPS = cast(list[JsonObject], DOCUMENT_SPEC["steps"])
SHORTER: JsonObject = {**DOCUMENT_SPEC, "steps": [STEPS[0]]}


async def test_a_saved_workflow_is_answered_as_it_was_given(engine: Engine) -> None:
    saved = await engine.save(name="Document processing", tags={"team": "docs"}, description="Summaries.")
    WorkflowDefinition.model_validate(saved)
    assert (saved["handle"], saved["latest_version"]) == ("document-processing", 1)
    assert saved["spec"] == DOCUMENT_SPEC
    assert await engine.get(f"/workflows/{saved['id']}") == saved


async def test_a_new_spec_is_a_new_version_and_nothing_else_is(engine: Engine) -> None:
    saved = await engine.save()
    path = f"/workflows/{saved['id']}"
    _, renamed = await engine.call("PATCH", path, {"name": "other", "spec": DOCUMENT_SPEC})
    assert (renamed["name"], renamed["latest_version"]) == ("other", 1)
    status, changed = await engine.call("PATCH", path, {"spec": SHORTER})
    assert (status, changed["latest_version"]) == (200, 2)
    versions = await engine.get(f"{path}/versions")
    WorkflowVersionListResponse.model_validate(versions)
    assert [item["version"] for item in cast(list[JsonObject], versions["items"])] == [2, 1]
    first = await engine.get(f"{path}/versions/1")
    WorkflowVersion.model_validate(first)
    assert first["spec"] == DOCUMENT_SPEC
    assert (await engine.call("GET", f"{path}/versions/3"))[0] == 404
    assert (await engine.call("GET", f"{path}/versions/0"))[0] == 400


async def test_a_run_keeps_the_version_it_started_with(engine: Engine) -> None:
    saved = await engine.save(tags={"team": "docs", "stage": "one"})
    path = f"/workflows/{saved['id']}"
    body = {"inputs": {"doc_id": "d1"}, "tags": {"stage": "", "mine": "yes"}}
    status, run = await engine.call("POST", f"{path}/runs", body)
    assert status == 202, run
    assert (run["definition_id"], run["definition_version"], run["ephemeral"]) == (saved["id"], 1, False)
    assert run["tags"] == {"team": "docs", "mine": "yes"}
    await engine.call("PATCH", path, {"spec": SHORTER})
    saved_body = {"mode": "saved", "definition_id": saved["id"], "inputs": {"doc_id": "d1"}}
    _, later = await engine.call("POST", "/runs", saved_body)
    assert later["definition_version"] == 2
    await engine.complete(run["id"])
    listed = await engine.get(f"{path}/runs")
    assert [item["id"] for item in cast(list[JsonObject], listed["items"])] == [later["id"], run["id"]]


async def test_names_and_handles_are_unique_in_a_project(engine: Engine) -> None:
    saved = await engine.save(name="one")
    other = await engine.save(name="two")
    for body, field in (({"name": "one"}, "name"), ({"name": "three", "handle": "one"}, "handle")):
        status, answer = await engine.call("POST", "/workflows", {**body, "spec": DOCUMENT_SPEC})
        error = cast(JsonObject, answer["error"])
        assert (status, error["code"]) == (409, "already_exists")
        assert error["details"] == {"field": field, "existing_id": saved["id"]}
    assert (await engine.call("PATCH", f"/workflows/{other['id']}", {"name": "one"}))[0] == 409


async def test_lists_are_filtered_by_tags_and_paged(engine: Engine) -> None:
    made = [await engine.save(name=f"w{place}", tags={"n": str(place), "all": "yes"}) for place in range(3)]
    page = await engine.get("/workflows?tag=all:yes&tag=n:0,2&limit=1")
    WorkflowDefinitionListResponse.model_validate(page)
    assert [item["id"] for item in cast(list[JsonObject], page["items"])] == [made[2]["id"]]
    rest = await engine.get(f"/workflows?tag=all:*&tag=n:0,2&limit=1&cursor={page['next_cursor']}")
    assert [item["id"] for item in cast(list[JsonObject], rest["items"])] == [made[0]["id"]]
    assert rest["has_more"] is False
    assert (await engine.call("GET", "/workflows?tag=broken"))[0] == 400


async def test_an_unknown_action_is_refused_by_its_field(engine: Engine) -> None:
    spec: JsonObject = {"name": "w", "steps": [{"name": "one", "action": "not-there"}]}
    for path, body in (("/workflows", {"name": "w", "spec": spec}), ("/runs", {"mode": "inline", "spec": spec})):
        status, answer = await engine.call("POST", path, body)
        error = cast(JsonObject, answer["error"])
        assert (status, error["code"]) == (400, "invalid_argument")
        assert cast(JsonObject, error["details"])["field"] == "spec.steps[0].action"


async def test_an_action_that_was_just_registered_is_known(engine: Engine) -> None:
    for place in range(10):
        await engine.speaker.register(f"fresh-{place}")
        spec: JsonObject = {"name": "w", "steps": [{"name": "one", "action": f"fresh-{place}"}]}
        assert (await engine.call("POST", "/runs", {"mode": "inline", "spec": spec}))[0] == 202


async def test_a_role_may_do_what_it_is_for(engine: Engine) -> None:
    start = {"mode": "inline", "spec": DOCUMENT_SPEC, "inputs": {"doc_id": "d1"}}
    save = {"name": "w", "spec": DOCUMENT_SPEC}
    for role in ("viewer", "worker"):
        assert (await engine.call("POST", "/runs", start, TOKENS[role]))[0] == 403
        assert (await engine.call("POST", "/workflows", save, TOKENS[role]))[0] == 403
        assert (await engine.call("GET", "/runs", None, TOKENS[role]))[0] == 200
    status, run = await engine.call("POST", "/runs", start, TOKENS["author"])
    assert status == 202
    assert (await engine.call("POST", "/workflows", save, TOKENS["author"]))[0] == 201
    path = f"/runs/{run['id']}/cancellations"
    assert (await engine.call("POST", path, None, TOKENS["viewer"]))[0] == 403
    assert (await engine.call("POST", path, None, TOKENS["author"]))[0] == 204


async def test_a_workflow_that_is_not_there_cannot_be_started(engine: Engine) -> None:
    nowhere = new_id("wf")
    body: JsonObject = {"mode": "saved", "definition_id": nowhere}
    assert (await engine.call("POST", f"/workflows/{nowhere}/runs", {}))[0] == 404
    status, answer = await engine.call("POST", "/runs", body)
    assert (status, cast(JsonObject, answer["error"])["code"]) == (404, "not_found")
    for wrong in ({"mode": "saved"}, {"mode": "inline"}, {**body, "spec": DOCUMENT_SPEC}, {**body, "x": 1}):
        assert (await engine.call("POST", "/runs", wrong))[0] == 400
