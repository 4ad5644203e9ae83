"""Jobs over HTTP: claimed once, held by a fence, reported once."""

import asyncio
import base64

from deploy.local.servers import Database
from libs.chassis.db.link import Link
from libs.chassis.ids import new_id
from libs.chassis.journal.store import load_streams
from libs.chassis.telemetry.traceparent import new_traceparent
from tests.integration.dispatcher.conftest import Dispatcher


def fence(token: str = "t1", attempt: object = 1, **more: object) -> dict[str, object]:
    return {"worker_session_token": token, "attempt": attempt, **more}


def completed(result: bytes = b'{"ok":true}', **more: object) -> dict[str, object]:
    return {**fence(), "status": "completed", "result_b64": base64.b64encode(result).decode(), **more}


async def test_a_parked_claim_gets_the_job_that_arrives(dispatcher: Dispatcher) -> None:
    claim = asyncio.create_task(dispatcher.claim(actions=["work"]))
    scheduled = await dispatcher.speaker.schedule(new_id("run"))
    status, job = await claim
    assert status == 200
    assert job["job_id"] == scheduled.invocation_id
    assert job["parameters"] == {"number": 1.0, "nothing": None}
    assert job["attempt"] == 1


async def test_one_job_answers_exactly_one_of_many_claims(dispatcher: Dispatcher) -> None:
    claims = [asyncio.create_task(dispatcher.claim(f"t{number}", wait=2)) for number in range(20)]
    await dispatcher.speaker.schedule(new_id("run"))
    statuses = [status for status, _ in await asyncio.gather(*claims)]
    assert sorted(statuses) == [200] + [204] * 19


async def test_a_claim_without_jobs_is_answered_when_its_time_is_up(dispatcher: Dispatcher) -> None:
    status, _ = await dispatcher.claim(wait=1)
    assert status == 204


async def test_a_report_counts_once_and_its_repeat_is_answered_the_same(dispatcher: Dispatcher) -> None:
    run_id = new_id("run")
    scheduled = await dispatcher.speaker.schedule(run_id)
    await dispatcher.claim()
    path = f"/jobs/{scheduled.invocation_id}/complete"
    assert (await dispatcher.post(path, completed()))[0] == 204
    assert (await dispatcher.post(path, completed()))[0] == 204
    status, error = await dispatcher.post(path, {**fence(), "status": "failed"})
    assert status == 409
    assert error["error"]["code"] == "lease_lost"  # type: ignore[index]
    _, job = await dispatcher.get(f"/jobs/{scheduled.invocation_id}")
    assert job["status"] == "completed"
    _, listed = await dispatcher.get(f"/runs/{run_id}/jobs")
    assert [item["id"] for item in listed["items"]] == [scheduled.invocation_id]  # type: ignore[attr-defined]


async def test_a_wrong_fence_is_refused_and_changes_nothing(dispatcher: Dispatcher) -> None:
    scheduled = await dispatcher.speaker.schedule(new_id("run"))
    await dispatcher.claim()
    path = f"/jobs/{scheduled.invocation_id}"
    for wrong in (fence("somebody-else"), fence(attempt=2)):
        assert (await dispatcher.post(f"{path}/heartbeat", wrong))[0] == 409
        assert (await dispatcher.post(f"{path}/complete", {**wrong, "status": "completed"}))[0] == 409
    assert (await dispatcher.post(f"{path}/heartbeat", fence()))[1] == {
        "ok": True,
        "directives": {"should_cancel": False},
    }


async def test_an_expired_lease_gives_the_job_to_the_next_worker(dispatcher: Dispatcher) -> None:
    scheduled = await dispatcher.speaker.schedule(new_id("run"))
    await dispatcher.claim("t1")
    status, job = await dispatcher.claim("t2", wait=10)
    assert status == 200
    assert job["job_id"] == scheduled.invocation_id
    assert job["attempt"] == 2
    late = await dispatcher.post(f"/jobs/{scheduled.invocation_id}/complete", completed())
    assert late[0] == 409
    done = {**completed(), **fence("t2", 2)}
    assert (await dispatcher.post(f"/jobs/{scheduled.invocation_id}/complete", done))[0] == 204


async def test_progress_is_kept_under_the_fence(dispatcher: Dispatcher) -> None:
    scheduled = await dispatcher.speaker.schedule(new_id("run"))
    await dispatcher.claim()
    told = {**fence(), "events": [{"type": "progress", "payload": {"percent": 50}}]}
    assert (await dispatcher.post(f"/jobs/{scheduled.invocation_id}/events", told))[0] == 204
    assert (await dispatcher.post(f"/jobs/{scheduled.invocation_id}/complete", completed()))[0] == 204
    assert (await dispatcher.post(f"/jobs/{scheduled.invocation_id}/events", told))[0] == 409


async def test_two_live_processes_with_one_instance_id_conflict(dispatcher: Dispatcher) -> None:
    assert (await dispatcher.claim("t1", wait=0))[0] == 204
    status, error = await dispatcher.claim("t2", wait=0, worker_instance_id="w-t1")
    assert status == 409
    assert error["error"]["code"] == "worker_instance_conflict"  # type: ignore[index]
    _, listed = await dispatcher.get("/worker-sessions")
    assert listed["totals"] == {"active_instances": 1, "slots": 1, "busy": 0, "stale": 0}


async def test_fences_and_names_that_cannot_be_are_refused(dispatcher: Dispatcher) -> None:
    status, error = await dispatcher.post("/jobs/job_none/heartbeat", fence(attempt=2**31))
    assert status == 400
    assert error["error"]["details"]["field"] == "attempt"  # type: ignore[index]
    status, error = await dispatcher.claim(worker_instance_id="mobius-courier")
    assert status == 400
    assert error["error"]["details"]["field"] == "worker_instance_id"  # type: ignore[index]


async def test_what_a_worker_tells_stays_in_the_trace_of_its_run(dispatcher: Dispatcher, database: Database) -> None:
    trace = dispatcher.speaker.traceparent = new_traceparent(sampled=True)
    scheduled = await dispatcher.speaker.schedule(new_id("run"))
    await dispatcher.claim()
    dispatcher.http.headers["Traceparent"] = new_traceparent(sampled=True)
    path = f"/jobs/{scheduled.invocation_id}"
    told = {**fence(), "events": [{"type": "progress", "payload": {}}]}
    assert (await dispatcher.post(f"{path}/events", told))[0] == 204
    assert (await dispatcher.post(f"{path}/complete", completed()))[0] == 204
    link = Link(database.service_urls["dispatcher"], "test-reader")
    events = (await load_streams(link, [scheduled.invocation_id]))[scheduled.invocation_id]
    await link.close()
    assert {event.data.type for event in events} >= {"job.progressed", "job.completed"}
    assert {event.traceparent for event in events} == {trace}
