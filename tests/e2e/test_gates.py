"""The schema gates while a run goes on: what breaks a schema fails the step for good, and says where."""

from base64 import b64encode

import pytest

from demo.answers import Run
from demo.audit_log import entries_of_runs
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json, JsonObject, dump_json
from tests.e2e.calls import Caller
from tests.e2e.endpoint import Endpoints
from tests.e2e.test_bad_input import envelope

ACTION = "gated"
CLAIM: JsonObject = {
    "worker_instance_id": "gated-worker",
    "worker_session_token": "gated-worker",
    "concurrency_limit": 1,
    "actions": ["gated-by-worker"],
}


@pytest.fixture(scope="module", autouse=True)
async def actions(caller: Caller, endpoints: Endpoints) -> None:
    """One for the endpoint, one for a worker; both promise `{"even": boolean}` for an integer `number`."""
    schemas: JsonObject = {
        "input_schema": {
            "type": "object",
            "properties": {"number": {"type": "integer"}},
            "additionalProperties": False,
        },
        "output_schema": {"type": "object", "properties": {"even": {"type": "boolean"}}, "required": ["even"]},
        "annotations": {"idempotent": True},
    }
    await endpoints.register(caller, ACTION, lambda parameters: {"even": str(parameters["number"])}, **schemas)
    await endpoints.register(caller, "gated-by-worker", **schemas)


async def started(api: MobiusApi, action: str, number: Json) -> str:
    spec: Json = {
        "name": "gated",
        "steps": [{"name": "ask", "action": action, "parameters": {"number": "${inputs.number}"}}],
    }
    return (await api.post("runs", {"mode": "inline", "spec": spec, "inputs": {"number": number}}, Run)).id


async def test_parameters_that_break_the_schema_reach_nobody(
    api: MobiusApi, caller: Caller, endpoints: Endpoints
) -> None:
    run = await follow_run(api, await started(api, ACTION, "seven"), lambda _: None)

    assert (run.status, [step.status for step in run.steps]) == ("failed", ["failed"])
    assert "number" in (run.error_message or "")
    assert endpoints.of_run(run.id) == []
    assert (await caller.get(f"runs/{run.id}/jobs")).items == []


async def test_an_answer_that_breaks_the_schema_fails_the_step_at_once(
    api: MobiusApi, caller: Caller, endpoints: Endpoints
) -> None:
    run = await follow_run(api, await started(api, ACTION, 7), lambda _: None)

    step = (await caller.get(f"runs/{run.id}/steps")).items[0]
    assert (run.status, step["error_type"]) == ("failed", "contract_violation")
    assert "even" in str(step["error_message"])
    assert len(endpoints.of_run(run.id)) == 1
    (entry,) = await entries_of_runs(api, {run.id}, expected=1)
    assert (entry.status, entry.error_type, entry.parameters) == ("failed", "contract_violation", {"number": 7})


async def test_a_result_that_breaks_the_schema_is_refused_and_fails_the_step(api: MobiusApi, caller: Caller) -> None:
    assert (await caller.post("jobs/claim", CLAIM)).status == 204
    run_id = await started(api, "gated-by-worker", 7)
    job = (await caller.post("jobs/claim", {**CLAIM, "wait_seconds": 20})).json
    assert job["run_id"] == run_id

    result = b64encode(dump_json({"even": "no"})).decode()
    report: Json = {
        "worker_session_token": CLAIM["worker_session_token"],
        "attempt": job["attempt"],
        "status": "completed",
        "result_b64": result,
    }
    reply = await caller.post(f"jobs/{job['job_id']}/complete", report)
    assert (reply.status, *envelope(reply)) == (400, "contract_violation", "result_b64/even")

    run = await follow_run(api, run_id, lambda _: None)
    assert (run.status, [step.status for step in run.steps]) == ("failed", ["failed"])
    step = (await caller.get(f"runs/{run.id}/steps")).items[0]
    assert step["error_type"] == "contract_violation"
