"""The life of an action, through the gateway: used by the published SDK, changed with care, and taken away."""

import asyncio
from collections.abc import Mapping

import pytest
from deepnoodle.mobius import Client, StartRunOptions, UpdateWorkflowOptions, WorkflowOptions
from deepnoodle.mobius._api.models import WorkflowRun, WorkflowSpec

from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json, JsonObject, dump_json
from tests.e2e.calls import Caller, Reply
from tests.e2e.endpoint import Endpoints

NAME = "living"
LOOSE: JsonObject = {"type": "object", "properties": {"text": {"type": "string"}}}
STRICT: JsonObject = {**LOOSE, "required": ["text"]}


def spec(action: str) -> WorkflowSpec:
    step: Json = {"name": "only", "action": action, "parameters": {"text": "${inputs.text}"}}
    inputs: Json = [{"name": "text", "type": "string"}]
    return WorkflowSpec.model_validate({"name": action, "inputs": inputs, "steps": [step]})


async def patch(caller: Caller, path: str, body: Json, headers: Mapping[str, str] | None = None) -> Reply:
    return await caller.call("PATCH", path, dump_json(body), headers)


@pytest.fixture
async def used(caller: Caller, endpoints: Endpoints, sdk: Client) -> WorkflowRun:
    """A run of a saved workflow that stays open, because a worker that never works lists the action."""
    await endpoints.register(caller, NAME, input_schema=LOOSE)
    claim: JsonObject = {"worker_instance_id": NAME, "worker_session_token": NAME, "concurrency_limit": 1}
    await caller.post("jobs/claim", {**claim, "actions": [NAME], "wait_seconds": 0})

    def start() -> WorkflowRun:
        saved = sdk.create_workflow(spec(NAME), WorkflowOptions(handle=NAME))
        return sdk.start_workflow_run(saved.id, StartRunOptions(inputs={"text": "three short words"}))

    return await asyncio.to_thread(start)


async def test_from_its_users_to_its_end(caller: Caller, endpoints: Endpoints, sdk: Client, used: WorkflowRun) -> None:
    workflow: JsonObject = {"id": used.definition_id, "name": NAME, "latest_version": 1, "steps": ["only"]}
    dependents = (await caller.get(f"actions/{NAME}/dependents")).json
    assert (dependents["workflows"], dependents["runs_in_flight"], dependents["complete"]) == ([workflow], 1, True)
    slack = await caller.get("actions/slack.post-message/dependents")
    assert (slack.status, slack.json["action"]) == (200, "slack.post-message")

    refused = await patch(caller, f"actions/{NAME}", {"input_schema": STRICT})
    details = refused.json["error"]["details"]  # type: ignore[index, call-overload]
    assert isinstance(details, dict)
    assert (refused.status, details["workflows"], details["runs_in_flight"]) == (409, [workflow], 1)
    kept = await caller.call("DELETE", f"actions/{NAME}")
    assert (kept.status, b"action_in_use" in kept.raw) == (409, True)

    tag = (await caller.get(f"actions/{NAME}")).headers["ETag"]
    path = f"actions/{NAME}?accept_breaking=the+only+caller+sends+it"
    accepted = await patch(caller, path, {"input_schema": STRICT}, {"If-Match": tag})
    assert (accepted.status, accepted.json["input_schema"]) == (200, STRICT)
    late = await patch(caller, f"actions/{NAME}", {"title": "late"}, {"If-Match": tag})
    assert (late.status, accepted.headers["ETag"] == tag) == (412, False)

    await endpoints.register(caller, f"{NAME}-2")
    moved = UpdateWorkflowOptions(spec=spec(f"{NAME}-2"))
    await asyncio.to_thread(sdk.update_workflow, used.definition_id or "", moved)
    assert (await caller.call("DELETE", f"actions/{NAME}")).status == 204
    assert (await caller.get(f"actions/{NAME}")).status == 404
    named: Json = {"name": "late", "spec": {"name": "late", "steps": [{"name": "a", "action": NAME}]}}
    unknown = await caller.post("workflows", named)
    assert (unknown.status, b"spec.steps[0].action" in unknown.raw) == (400, True)
    await endpoints.register(caller, NAME)
    assert (await caller.post("workflows", named)).status == 201


async def test_a_registration_is_answered_again_through_the_gateway(caller: Caller, endpoints: Endpoints) -> None:
    body = dump_json({"name": "repeated", "endpoint_url": "http://127.0.0.1:9/x"})
    key = {"Idempotency-Key": "repeated-1"}
    first, second = [await caller.call("POST", "actions", body, key) for _ in range(2)]
    endpoints.secrets["repeated"] = first.text("signing_secret")  # it is looked for everywhere afterwards

    assert (first.status, second.status, first.raw == second.raw) == (201, 201, True)
    assert second.headers["Idempotency-Replayed"] == "true"
    assert second.headers["ETag"] == first.headers["ETag"]


async def test_the_dispatcher_calls_where_the_action_is_now(
    caller: Caller, endpoints: Endpoints, api: MobiusApi
) -> None:
    await endpoints.register(caller, "moving", lambda _: "from the old place")
    await endpoints.register(caller, "moved", lambda _: "from the new place")
    endpoints.secrets["moved"] = endpoints.secrets["moving"]  # an action keeps its secret wherever it moves
    changed = await patch(caller, "actions/moving", {"endpoint_url": f"{endpoints.url}/moved"})
    assert changed.status == 200
    inline: Json = {"name": "moving", "steps": [{"name": "a", "action": "moving", "action_kind": "server"}]}
    run = await follow_run(
        api, (await caller.create("runs", {"mode": "inline", "spec": inline})).text("id"), lambda _: None
    )

    assert (run.status, [post.action for post in endpoints.of_run(run.id)]) == ("completed", ["moved"])
    assert endpoints.unverified["moved"] == []
