"""Many at once ask for the same thing, and exactly one of them makes it."""

import asyncio
from collections import Counter

from demo.answers import Run
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.contracts.codec import Json, JsonObject
from tests.e2e.calls import Caller, Reply
from tests.e2e.endpoint import Endpoints

ASKERS = 20


async def at_once(caller: Caller, path: str, body: Json) -> list[Reply]:
    return list(await asyncio.gather(*(caller.post(path, body) for _ in range(ASKERS))))


def statuses(replies: list[Reply]) -> Counter[int]:
    return Counter(reply.status for reply in replies)


async def test_one_action_of_a_name_is_made(caller: Caller) -> None:
    body: Json = {"name": "contended", "endpoint_url": "http://127.0.0.1:9/x"}
    replies = await at_once(caller, "actions", body)
    assert statuses(replies) == {201: 1, 409: ASKERS - 1}
    (made,) = (reply for reply in replies if reply.status == 201)
    assert (await caller.get("actions/contended")).text("id") == made.text("id")


async def test_one_workflow_of_a_name_is_made(caller: Caller, endpoints: Endpoints) -> None:
    await endpoints.register(caller, "contended-step")
    spec: Json = {"name": "contended", "steps": [{"name": "a", "action": "contended-step"}]}
    assert statuses(await at_once(caller, "workflows", {"name": "contended", "spec": spec})) == {
        201: 1,
        409: ASKERS - 1,
    }


async def test_one_run_of_an_external_id_is_started(caller: Caller, api: MobiusApi, endpoints: Endpoints) -> None:
    await endpoints.register(caller, "contended-run")
    await caller.post("jobs/claim", {**CLAIM, "actions": ["contended-run"]})  # holds the courier off: the run is active
    spec: Json = {"name": "contended-run", "steps": [{"name": "a", "action": "contended-run"}]}
    replies = await at_once(caller, "runs", {"mode": "inline", "spec": spec, "external_id": "contended"})
    assert statuses(replies) == {202: ASKERS}
    (run_id,) = {reply.text("id") for reply in replies}
    assert [run["id"] for run in (await caller.get("runs?external_id=contended")).items] == [run_id]
    run = await follow_run(api, run_id, lambda _: None)
    assert (run.status, len(endpoints.of_run(run_id))) == ("completed", 1)


CLAIM: JsonObject = {
    "worker_instance_id": "contender",
    "worker_session_token": "contender",
    "concurrency_limit": 1,
    "wait_seconds": 0,
}


async def test_every_job_goes_to_one_of_many_pollers(caller: Caller, api: MobiusApi, endpoints: Endpoints) -> None:
    await endpoints.register(caller, "contended-job")
    claims: list[JsonObject] = [
        {**CLAIM, "worker_instance_id": f"poller-{n}", "actions": ["contended-job"]} for n in range(ASKERS)
    ]
    assert {(await caller.post("jobs/claim", claim)).status for claim in claims} == {204}
    polls = [asyncio.create_task(caller.post("jobs/claim", {**claim, "wait_seconds": 20})) for claim in claims]
    spec: Json = {"name": "contended-job", "steps": [{"name": "a", "action": "contended-job"}]}
    runs = await asyncio.gather(*(api.post("runs", {"mode": "inline", "spec": spec}, Run) for _ in range(ASKERS)))
    jobs = [(await poll).json for poll in polls]
    assert Counter(str(job["run_id"]) for job in jobs) == Counter(run.id for run in runs)
    assert [job["attempt"] for job in jobs] == [1] * ASKERS
    report: JsonObject = {"worker_session_token": "contender", "attempt": 1, "status": "completed"}
    twice = [f"jobs/{job['job_id']}/complete" for job in jobs] * 2
    assert {reply.status for reply in await asyncio.gather(*(caller.post(path, report) for path in twice))} == {204}
    ended = await asyncio.gather(*(follow_run(api, run.id, lambda _: None) for run in runs))
    assert Counter((run.status, len(run.steps)) for run in ended) == {("completed", 1): ASKERS}
