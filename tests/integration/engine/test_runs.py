"""Runs over HTTP and Kafka: started, moved by what the dispatcher says, ended once."""

import base64
from typing import cast

from deepnoodle.mobius._api.models import (
    RunStepListResponse,
    WorkflowRun,
    WorkflowRunDetail,
)

from libs.contracts.codec import JsonObject, parse_json
from tests.integration.engine.running import DOCUMENT_SPEC, Engine


async def test_a_started_run_schedules_its_first_step(engine: Engine) -> None:
    run = await engine.start(metadata={"source": "test"})
    WorkflowRun.model_validate(run)
    assert run["status"] == "active"
    assert run["job_counts"] == {"ready": 1, "scheduled": 0, "claimed": 0}
    events = await engine.events(run["id"])
    assert [event["type"] for event in events] == ["run.started", "step.scheduled"]
    assert {event["partitionkey"] for event in events} == {run["id"]}
    assert len({event["traceparent"] for event in events}) == 1
    scheduled = cast(JsonObject, events[1]["data"])
    assert scheduled["parameters"] == {"doc_id": "d1"}


async def test_results_of_all_steps_complete_the_run_with_its_outputs(engine: Engine) -> None:
    run = await engine.start()
    await engine.complete(run["id"], {"text": "short", "words": 1.0})
    detail = await engine.get(f"/runs/{run['id']}")
    WorkflowRunDetail.model_validate(detail)
    assert detail["status"] == "completed"
    assert detail["spec"] == DOCUMENT_SPEC
    outputs = parse_json(base64.b64decode(str(detail["result_b64"])))
    assert outputs == {"summary": {"text": "short", "words": 1.0}}
    assert await engine.types(run["id"]) == [
        "run.started",
        "step.scheduled",
        "step.completed",
        "step.scheduled",
        "step.completed",
        "run.completed",
    ]
    steps = await engine.get(f"/runs/{run['id']}/steps")
    RunStepListResponse.model_validate(steps)
    assert [step["step_name"] for step in cast(list[JsonObject], steps["items"])] == ["summarize", "notify"]
    assert steps["items"] == detail["steps"]
