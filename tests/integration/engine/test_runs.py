"""Runs over HTTP and Kafka: started, moved by what the dispatcher says, ended once."""

import asyncio
import base64
from typing import cast

from deepnoodle.mobius._api.models import (
    RunStepListResponse,
    WorkflowRun,
    WorkflowRunDetail,
    WorkflowRunListResponse,
)

from libs.chassis.ids import new_id
from libs.contracts.codec import JsonObject, parse_json
from tests.integration.engine.running import DOCUMENT_SPEC, Engine
from tests.integration.engine.speaking import TOKENS


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


async def test_committed_events_are_counted(engine: Engine) -> None:
    await engine.complete((await engine.start())["id"])
    headers = {"Authorization": f"Bearer {TOKENS['admin']}"}
    async with engine.http.get(engine.url.partition("/v1")[0] + "/metrics", headers=headers) as response:
        lines = (await response.text()).splitlines()
    assert 'mobius_engine_events_total{type="step.completed"} 2.0' in lines
    assert 'mobius_engine_events_total{type="run.completed"} 1.0' in lines
    assert "mobius_engine_runs_cached 1.0" in lines


async def test_a_failed_job_fails_its_run(engine: Engine) -> None:
    run = await engine.start()
    await engine.speaker.send([engine.speaker.failed(await engine.scheduled(run["id"], "summarize"))])
    await engine.ended(run["id"])
    detail = await engine.get(f"/runs/{run['id']}")
    WorkflowRunDetail.model_validate(detail)
    assert (detail["status"], detail["error_type"]) == ("failed", "step_failed")
    failed = await engine.get(f"/runs/{run['id']}/steps?status=failed&step_name=summarize&path_id=main")
    step = items(failed)[0]
    assert (step["error_type"], step["attempt"]) == ("Boom", 0)
    assert await engine.get(f"/runs/{run['id']}/steps/{step['id']}") == step
    assert items(await engine.get(f"/runs/{run['id']}/steps?status=completed")) == []


async def test_claims_and_progress_are_kept_with_the_run(engine: Engine) -> None:
    run = await engine.start()
    scheduled = await engine.scheduled(run["id"], "summarize")
    speaker = engine.speaker
    await speaker.send([speaker.claimed(scheduled), speaker.progressed(scheduled, "page", {"read": 1})])
    await engine.complete(run["id"])
    assert (await engine.types(run["id"]))[2:5] == ["step.started", "step.progressed", "step.completed"]


async def test_events_told_again_change_nothing(engine: Engine) -> None:
    run = await engine.start()
    first = engine.speaker.completed(await engine.scheduled(run["id"], "summarize"), "short")
    await engine.speaker.send([first, first])
    second = engine.speaker.completed(await engine.scheduled(run["id"], "notify"), None)
    await engine.speaker.send([second, first, second])
    await engine.ended(run["id"])
    after = await engine.start()
    await engine.complete(after["id"])  # by then all of them were heard
    assert len(await engine.types(run["id"])) == 6


async def test_cancelling_and_a_result_at_once_end_the_run_once(engine: Engine) -> None:
    runs = [await engine.start() for _ in range(20)]
    last = [engine.speaker.completed(await engine.scheduled(run["id"], "summarize"), "short") for run in runs]
    cancelling = [asyncio.create_task(engine.call("POST", f"/runs/{run['id']}/cancellations")) for run in runs]
    await engine.speaker.send(last)
    assert {status for status, _ in await asyncio.gather(*cancelling)} == {204}
    for run in runs:
        ended = await engine.ended(run["id"])
        assert cast(JsonObject, ended["data"])["error_type"] == "run_cancelled"
        types = await engine.types(run["id"])
        assert [one for one in types if str(one).startswith("run.")] == ["run.started", "run.failed"]
        assert types[-1] == "run.failed"
    detail = await engine.get(f"/runs/{runs[0]['id']}")
    assert (detail["status"], detail["error_type"]) == ("failed", "run_cancelled")
    assert detail["cancel_requested_at"] == detail["completed_at"]


async def test_cancelling_again_or_nothing_is_harmless(engine: Engine) -> None:
    run = await engine.start()
    for _ in range(2):
        assert (await engine.call("POST", f"/runs/{run['id']}/cancellations"))[0] == 204
    assert (await engine.types(run["id"]))[-1] == "run.failed"
    assert (await engine.call("POST", f"/runs/{new_id('run')}/cancellations"))[0] == 404


async def test_lists_go_on_where_the_page_before_ended(engine: Engine) -> None:
    started = [(await engine.start(queue=queue))["id"] for queue in ("a", "b", "a", "a")]
    page = await engine.get("/runs?queue=a&limit=2")
    WorkflowRunListResponse.model_validate(page)
    assert [item["id"] for item in items(page)] == [started[3], started[2]]
    rest = await engine.get(f"/runs?queue=a&limit=2&cursor={page['next_cursor']}")
    assert [item["id"] for item in items(rest)] == [started[0]]
    assert (rest["has_more"], "next_cursor" in rest) == (False, False)
    assert items(await engine.get("/runs?status=completed")) == []
    named = await engine.get("/runs?status=active&workflow_type=document&queue=b&source_type=api")
    assert [item["id"] for item in items(named)] == [started[1]]
    for nothing in ("parent_run_id=run_1", "forked_from=run_1", "source_id=x", "external_id=x", "workflow_type=x"):
        assert items(await engine.get(f"/runs?{nothing}")) == []


async def test_steps_page_by_page_are_all_steps(engine: Engine) -> None:
    run = await engine.start()
    await engine.complete(run["id"])
    page = await engine.get(f"/runs/{run['id']}/steps?limit=1")
    rest = await engine.get(f"/runs/{run['id']}/steps?limit=1&cursor={page['next_cursor']}")
    assert [item["step_name"] for item in (*items(page), *items(rest))] == ["summarize", "notify"]
    assert rest["has_more"] is False


def items(page: JsonObject) -> list[JsonObject]:
    return cast(list[JsonObject], page["items"])
