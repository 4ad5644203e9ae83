"""Answers beyond the client's own methods, held against the strict models that the SDK was generated with."""

import pytest
from deepnoodle.mobius._api import models
from pydantic import BaseModel

from demo.audit_log import entries_of_runs
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json
from tests.e2e.calls import Caller, Reply
from tests.e2e.endpoint import Endpoints

NAME = "modelled"
ANSWERS: dict[str, type[BaseModel]] = {
    "actions?limit=2": models.ActionListResponse,
    f"actions/{NAME}": models.Action1,
    "actions/catalog": models.ActionCatalogListResponse,
    "actions/catalog/slack.post-message": models.ActionCatalogEntry,
    f"actions/catalog/{NAME}": models.ActionCatalogEntry,
    "workflows?limit=2": models.WorkflowDefinitionListResponse,
    "workflows/{workflow}": models.WorkflowDefinition,
    "workflows/{workflow}/versions": models.WorkflowVersionListResponse,
    "workflows/{workflow}/versions/1": models.WorkflowVersion,
    "workflows/{workflow}/runs": models.WorkflowRunListResponse,
    "runs?limit=2": models.WorkflowRunListResponse,
    "runs/{run}": models.WorkflowRunDetail,
    "runs/{run}/steps": models.RunStepListResponse,
    "runs/{run}/steps/{step}": models.RunStep,
    "runs/{run}/jobs": models.JobListResponse,
    "jobs/{job}": models.Job,
    "worker-sessions": models.WorkerSessionListResponse,
    "action-audit-log?run_id={run}": models.ActionAuditLogListResponse,
}
LISTS = ("actions", "workflows", "runs", "runs/{run}/steps", "action-audit-log")


@pytest.fixture(scope="module")
async def places(api: MobiusApi, caller: Caller, endpoints: Endpoints) -> dict[str, str]:
    """A workflow of three steps, and a finished run of it."""
    schema: Json = {"type": "object"}
    more: dict[str, Json] = {"title": "Modelled", "description": "For the models.", "annotations": {"read_only": True}}
    await endpoints.register(caller, NAME, lambda _: {"n": 1}, input_schema=schema, output_schema=schema, **more)
    await caller.post("jobs/claim", {"worker_instance_id": NAME, "worker_session_token": NAME, "concurrency_limit": 3})
    spec: Json = {
        "name": NAME,
        "description": "Three steps.",
        "inputs": [{"name": "text", "type": "string", "description": "Any.", "default": "x"}],
        "steps": [
            {
                "name": "a",
                "action": NAME,
                "parameters": {"text": "${inputs.text}"},
                "store": "a",
                "next": [{"step": "b"}],
            },
            {
                "name": "b",
                "action": NAME,
                "action_kind": "server",
                "next": [{"step": "c", "condition": "state.a.n > 0"}],
            },
            {"name": "c", "action": NAME},
        ],
        "outputs": [{"name": "n", "variable": "a"}],
    }
    for name in (f"{NAME}-2", f"{NAME}-3"):  # so that lists have more than one page
        await endpoints.register(caller, name)
        other = (await caller.create("workflows", {"name": name, "spec": spec})).text("id")
        await follow_run(api, (await caller.create(f"workflows/{other}/runs", {})).text("id"), lambda _: None)
    workflow = (await caller.create("workflows", {"name": NAME, "spec": spec, "tags": {"Team": "docs"}})).text("id")
    started = await caller.create(f"workflows/{workflow}/runs", {"external_id": NAME, "metadata": {"why": "models"}})
    run = await follow_run(api, started.text("id"), lambda _: None)
    assert (run.status, len(run.steps)) == ("completed", 3)
    await entries_of_runs(api, {run.id}, expected=3)
    job = str((await caller.get(f"runs/{run.id}/jobs")).items[0]["id"])
    return {"workflow": workflow, "run": run.id, "step": run.steps[0].id, "job": job}


@pytest.mark.parametrize("path", ANSWERS, ids=str)
async def test_an_answer_is_read_by_the_generated_model(caller: Caller, places: dict[str, str], path: str) -> None:
    reply = await caller.get(path.format(**places))
    assert reply.status == 200, reply.raw
    read = ANSWERS[path].model_validate_json(reply.raw)
    assert read.model_dump(exclude_none=True), "expected something in it"


@pytest.mark.parametrize("path", LISTS)
async def test_pages_of_one_are_the_whole_list(caller: Caller, places: dict[str, str], path: str) -> None:
    whole = await caller.get(f"{path.format(**places)}?limit=3")
    found: list[Json] = []
    cursor = ""
    while len(found) < len(whole.items):
        page = await caller.get(f"{path.format(**places)}?limit=1{cursor}")
        assert len(page.items) == 1
        found += page.items
        cursor = f"&cursor={page.json.get('next_cursor')}"
    assert found == whole.items
    assert len(found) == 3


async def test_a_changed_action_is_read_by_the_generated_model(caller: Caller, places: dict[str, str]) -> None:
    for change in ('{"title": "Modelled anew"}', '{"annotations": null}'):
        reply = await caller.call("PATCH", f"actions/{NAME}", change.encode())
        assert reply.status == 200, reply.raw
        assert models.Action1.model_validate_json(reply.raw).name == NAME


async def test_a_rotation_without_a_body_is_answered_as_the_generated_model_has_it(
    caller: Caller, endpoints: Endpoints
) -> None:
    await endpoints.register(caller, f"{NAME}-rotated")
    reply = await caller.call("POST", f"actions/{NAME}-rotated/secret/rotate")

    assert reply.status == 200, reply.raw
    assert models.RotateSecretResult.model_validate_json(reply.raw).signing_secret.startswith("whsec_")


async def test_an_error_is_read_by_the_generated_model(caller: Caller, places: dict[str, str]) -> None:
    refused: list[Reply] = [
        await caller.get("runs/run_none"),
        await caller.post("runs", {"mode": "inline"}),
        await caller.call("PATCH", f"actions/{NAME}", b"{}", {"If-Match": '"another"'}),
        await caller.call("DELETE", f"actions/{NAME}"),
    ]
    for reply in refused:
        assert models.ErrorResponse.model_validate_json(reply.raw).error.message
