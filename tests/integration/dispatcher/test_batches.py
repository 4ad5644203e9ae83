"""Several jobs in one request: claimed as far as they are there, kept, and reported each for itself."""

import asyncio
import base64
from typing import cast

from libs.chassis.ids import new_id
from tests.integration.dispatcher.conftest import Dispatcher

JsonObject = dict[str, object]


def completed(job: JsonObject, result: bytes = b'{"ok":true}', **more: object) -> JsonObject:
    encoded = base64.b64encode(result).decode()
    return {"job_id": job["job_id"], "attempt": job["attempt"], "status": "completed", "result_b64": encoded, **more}


async def arrived(dispatcher: Dispatcher, jobs: int, action: str = "work") -> set[str]:
    """Schedules so many jobs of one run and waits until all of them can be claimed."""
    run_id = new_id("run")
    scheduled = [await dispatcher.speaker.schedule(run_id, f"step-{number}", action) for number in range(jobs)]
    async with asyncio.timeout(20):
        while len((await dispatcher.get(f"/runs/{run_id}/jobs"))[1]["items"]) < jobs:  # type: ignore[arg-type]
            await asyncio.sleep(0.02)
    return {step.invocation_id for step in scheduled}


async def claimed(dispatcher: Dispatcher, most: int, token: str = "t1", wait: int = 10) -> list[JsonObject]:
    status, answer = await dispatcher.claim(token, wait, max_jobs=most)
    return cast(list[JsonObject], answer["jobs"]) if status == 200 else []


async def outcomes(dispatcher: Dispatcher, results: list[JsonObject], token: str = "t1") -> list[JsonObject]:
    body = {"worker_session_token": token, "worker_instance_id": f"w-{token}", "results": results}
    status, answer = await dispatcher.post("/jobs/complete", body)
    assert status == 200
    return cast(list[JsonObject], answer["results"])


async def test_a_claim_of_several_gets_what_is_there_and_waits_for_no_more(dispatcher: Dispatcher) -> None:
    expected = await arrived(dispatcher, 3)
    first = await claimed(dispatcher, 2)
    second = await claimed(dispatcher, 100, wait=30)
    assert [len(first), len(second)] == [2, 1]
    assert {job["job_id"] for job in (*first, *second)} == expected
    assert await claimed(dispatcher, 100, wait=0) == []


async def test_each_job_of_a_list_is_what_a_single_claim_answers(dispatcher: Dispatcher) -> None:
    await arrived(dispatcher, 2)
    (several,) = await claimed(dispatcher, 1)
    _, single = await dispatcher.claim()
    assert set(several) == set(single)


async def test_two_claimers_of_many_share_what_is_there(dispatcher: Dispatcher) -> None:
    expected = await arrived(dispatcher, 30)
    both = await asyncio.gather(*(claimed(dispatcher, 20, token, wait=2) for token in ("t1", "t2")))
    taken = [job["job_id"] for jobs in both for job in jobs]
    assert len(taken) == len(expected)
    assert set(taken) == expected


async def test_one_bad_report_costs_the_others_nothing(dispatcher: Dispatcher) -> None:
    await arrived(dispatcher, 4)
    jobs = await claimed(dispatcher, 4)
    reports = [
        completed(jobs[0]),
        completed(jobs[1], attempt=7),
        completed(jobs[2], result=b"{not json"),
        {"job_id": jobs[3]["job_id"], "attempt": 1, "status": "failed", "error_type": "Boom"},
    ]
    answered = await outcomes(dispatcher, reports)
    assert [outcome["job_id"] for outcome in answered] == [job["job_id"] for job in jobs]
    assert [outcome["ok"] for outcome in answered] == [True, False, False, True]
    errors = [cast(JsonObject, outcome["error"]) for outcome in answered[1:3]]
    assert [error["code"] for error in errors] == ["lease_lost", "invalid_argument"]
    assert errors[1]["details"] == {"field": "results[2].result_b64"}
    assert await statuses(dispatcher, jobs) == ["completed", "claimed", "claimed", "failed"]


async def test_reports_that_are_sent_again_are_answered_the_same(dispatcher: Dispatcher) -> None:
    await arrived(dispatcher, 2)
    jobs = await claimed(dispatcher, 2)
    reports = [completed(job) for job in jobs]
    assert await outcomes(dispatcher, [*reports, reports[0]]) == await outcomes(dispatcher, [*reports, reports[0]])
    assert await statuses(dispatcher, jobs) == ["completed", "completed"]


async def test_heartbeats_of_several_jobs_keep_what_is_held(dispatcher: Dispatcher) -> None:
    await arrived(dispatcher, 2)
    jobs = await claimed(dispatcher, 2)
    held = [{"job_id": job["job_id"], "attempt": job["attempt"]} for job in jobs]
    beat = {"worker_session_token": "t1", "jobs": [*held, {"job_id": "job_none", "attempt": 1}]}
    status, answer = await dispatcher.post("/jobs/heartbeat", beat)
    kept = cast(list[JsonObject], answer["jobs"])
    assert (status, [job["ok"] for job in kept]) == (200, [True, True, False])
    assert kept[0]["directives"] == {"should_cancel": False}
    assert cast(JsonObject, kept[2]["error"])["code"] == "lease_lost"


async def test_a_claim_of_several_whose_client_hangs_up_gives_all_of_them_back(dispatcher: Dispatcher) -> None:
    parked = asyncio.create_task(claimed(dispatcher, 10, "gone", wait=20))
    async with asyncio.timeout(10):
        while not (await dispatcher.get("/worker-sessions"))[1]["items"]:
            await asyncio.sleep(0.02)
    parked.cancel()
    expected = await arrived(dispatcher, 5)
    jobs = await claimed(dispatcher, 10, wait=1)
    assert {job["job_id"] for job in jobs} == expected
    assert {job["attempt"] for job in jobs} == {1}


async def statuses(dispatcher: Dispatcher, jobs: list[JsonObject]) -> list[object]:
    return [(await dispatcher.get(f"/jobs/{job['job_id']}"))[1]["status"] for job in jobs]
