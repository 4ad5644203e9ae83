"""The dispatcher dies between what it does to its queue and what it says of that."""

import asyncio
import json
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg
import pytest

from libs.contracts.codec import JsonObject
from tests.e2e.failpoints.acts import HELD, PATIENCE_SECONDS, SAFE, Worker, audited, ended, only, patiently, start
from tests.e2e.failpoints.dying import dying
from tests.e2e.failpoints.world import World, ends_once, settled
from tests.e2e.installation import Installation

PATIENT = {"DISPATCHER_LEASE_SECONDS": "60"}
"""For leases that last while the dispatcher dies and comes back."""

CLAIM_WAITS = """SELECT true FROM pg_stat_activity
WHERE application_name = 'dispatcher-claims' AND wait_event_type = 'Lock'"""


async def done_once(installation: Installation, run_id: str) -> World:
    """The run completed, by one call."""
    run = await ended(installation.caller, run_id)
    rows = await audited(installation.caller, run_id, 1)
    world = await settled(installation)
    assert run["status"] == "completed", run
    ends_once(world, run_id, "run.completed")
    assert [row["status"] for row in rows] == ["success"]
    assert said(world, run_id).count("job.completed") == 1
    return world


def said(world: World, run_id: str) -> list[object]:
    return [event["type"] for event in world.of_run(run_id)]


async def test_a_lease_that_nobody_learned_of_runs_out(installation: Installation) -> None:
    async with dying(installation, "dispatcher", "jobs_claimed"):
        run_id = await start(installation.caller, only(SAFE))
    world = await done_once(installation, run_id)

    assert said(world, run_id).count("job.lease_expired") == 1
    assert len(installation.endpoints.of_run(run_id)) == 1


@pytest.mark.nightly
async def test_a_job_that_was_handed_to_a_waiting_worker_who_did_not_learn_of_it_comes_again(
    installation: Installation,
) -> None:
    worker = Worker(installation.caller)
    async with dying(installation, "dispatcher", "batch_committed"):
        waiting = asyncio.create_task(worker.claim())
        await until_listed(installation, worker)
        run_id = await start(installation.caller, only(HELD))
    job = await waiting
    await worker.complete(job)
    world = await done_once(installation, run_id)

    assert job["attempt"] == 2
    assert said(world, run_id).count("job.lease_expired") == 1


@pytest.mark.nightly
async def test_a_heartbeat_without_an_answer_keeps_the_lease(installation: Installation) -> None:
    worker = Worker(installation.caller)
    async with dying(installation, "dispatcher", "leases_extended", **PATIENT):
        await worker.announce()
        run_id = await start(installation.caller, only(HELD))
        job = await worker.claim()
        beat = await worker.beat(job)
    assert beat.status == 200
    await worker.complete(job)
    world = await done_once(installation, run_id)

    assert "job.lease_expired" not in said(world, run_id)


async def test_a_result_without_an_answer_is_recorded_once(installation: Installation) -> None:
    worker = Worker(installation.caller)
    async with dying(installation, "dispatcher", "reports_recorded", **PATIENT):
        await worker.announce()
        run_id = await start(installation.caller, only(HELD))
        await worker.complete(await worker.claim())
    await done_once(installation, run_id)


async def test_a_result_of_the_courier_is_recorded_once(installation: Installation) -> None:
    async with dying(installation, "dispatcher", "reports_recorded"):
        run_id = await start(installation.caller, only(SAFE))
    await done_once(installation, run_id)

    assert len(installation.endpoints.of_run(run_id)) == 1


@pytest.mark.nightly
async def test_progress_without_an_answer_is_recorded_once(installation: Installation) -> None:
    worker = Worker(installation.caller)
    async with dying(installation, "dispatcher", "progress_recorded", **PATIENT):
        await worker.announce()
        run_id = await start(installation.caller, only(HELD))
        job = await worker.claim()
        told: JsonObject = {**worker.fence(job), "events": [{"type": "halfway", "payload": {"share": 0.5}}]}
        assert (await installation.caller.post(f"jobs/{job['job_id']}/events", told)).status == 502
    await worker.complete(job)
    world = await done_once(installation, run_id)

    assert said(world, run_id).count("job.progressed") == said(world, run_id).count("step.progressed") == 1


@pytest.mark.nightly
async def test_a_job_of_a_silent_worker_is_given_back_once(installation: Installation) -> None:
    silent, next_one = Worker(installation.caller), Worker(installation.caller)
    async with dying(installation, "dispatcher", "leases_returned"):
        await silent.announce()
        run_id = await start(installation.caller, only(HELD))
        lost = await silent.claim()
        taking = asyncio.create_task(next_one.claim())
    job = await taking
    await next_one.complete(job)
    world = await done_once(installation, run_id)

    assert (job["job_id"], job["attempt"]) == (lost["job_id"], 2)
    assert said(world, run_id).count("job.lease_expired") == 1


async def test_a_claim_is_announced_once(installation: Installation) -> None:
    worker = Worker(installation.caller)
    async with dying(installation, "dispatcher", "claims_announced", **PATIENT):
        await worker.announce()
        run_id = await start(installation.caller, only(HELD))
        job = await worker.claim()
    await worker.complete(job)
    world = await done_once(installation, run_id)

    assert said(world, run_id).count("job.claimed") == 1


@pytest.mark.nightly
async def test_a_worker_that_was_registered_without_an_answer_is_no_other(installation: Installation) -> None:
    worker = Worker(installation.caller)
    async with dying(installation, "dispatcher", "session_registered"):
        await worker.announce()
    run_id = await start(installation.caller, only(HELD))
    await worker.complete(await worker.claim())
    await done_once(installation, run_id)

    assert await sessions(installation, worker) == 1


@pytest.mark.nightly
async def test_a_worker_that_was_seen_is_still_known(installation: Installation) -> None:
    worker = Worker(installation.caller)
    async with dying(installation, "dispatcher", "sessions_touched"):
        await worker.announce()
    run_id = await start(installation.caller, only(HELD))
    await worker.complete(await worker.claim())
    await done_once(installation, run_id)

    assert await sessions(installation, worker) == 1


@pytest.mark.nightly
async def test_a_lease_that_was_undone_leaves_the_job_as_it_was(installation: Installation) -> None:
    stack = installation.stack
    worker = Worker(installation.caller_of(stack.project, stack.api_key, stack.service_url("dispatcher")))
    async with dying(installation, "dispatcher", "leases_released"):
        await worker.announce()
        run_id = await start(installation.caller, only(HELD))
        await gone_while_claiming(installation, worker, run_id)
    job = await worker.claim()
    await worker.complete(job)
    world = await done_once(installation, run_id)

    assert job["attempt"] == 1
    assert "job.lease_expired" not in said(world, run_id)


@pytest.mark.nightly
async def test_workers_that_are_forgotten_while_it_dies_are_forgotten(installation: Installation) -> None:
    worker = Worker(installation.caller)
    await worker.announce()
    async with in_database(installation) as database:
        long_ago = "UPDATE dispatcher.worker_sessions SET last_seen_at = now() - interval '31 days'"
        await database.execute(f"{long_ago} WHERE worker_instance_id = $1", worker.instance)
        async with dying(installation, "dispatcher", "sessions_swept"):
            pass
        kept = "SELECT 1 FROM dispatcher.worker_sessions WHERE worker_instance_id = $1"
        assert await database.fetch(kept, worker.instance) == []
    run_id = await start(installation.caller, only(SAFE))
    await done_once(installation, run_id)


@pytest.mark.nightly
async def test_a_change_of_the_platform_is_announced_once(installation: Installation) -> None:
    before = await announced(installation)
    async with dying(installation, "dispatcher", "platform_announced", DISPATCHER_SLACK_TOKEN=""):
        pass
    after = await announced(installation)

    assert after[:-2] == before
    assert [json.loads(raw)["data"]["available"] for raw in after[-2:]] == [False, True]


async def announced(installation: Installation) -> list[bytes]:
    """What was said of Slack's action, as soon as nothing waits to be said."""
    return (await settled(installation)).topics["dispatcher"]["platform-action/slack.post-message"]


async def gone_while_claiming(installation: Installation, worker: Worker, run_id: str) -> None:
    """The worker goes away after its claim has reached the database, before that has answered."""
    async with in_database(installation) as database, in_database(installation) as beside:
        await until_true(database, "SELECT true FROM dispatcher.ready WHERE run_id = $1", run_id)
        async with database.transaction():
            await database.execute("LOCK TABLE dispatcher.leased IN ACCESS EXCLUSIVE MODE")
            asking = asyncio.create_task(worker.caller.post("jobs/claim", worker.asking(5)))
            await until_true(beside, CLAIM_WAITS)  # in the transaction, the activities would stay what they were
            asking.cancel()
            await asyncio.gather(asking, return_exceptions=True)
            for _ in range(2):  # what comes after it on the wire is answered, so its end was seen
                assert (await worker.caller.get("/healthz")).status == 200


async def until_true(database: "asyncpg.Connection[asyncpg.Record]", question: str, *args: object) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await database.fetchval(question, *args):
            await asyncio.sleep(0.02)


@asynccontextmanager
async def in_database(installation: Installation) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
    database = await asyncpg.connect(installation.stack.postgres_url)
    try:
        yield database
    finally:
        await database.close()


async def until_listed(installation: Installation, worker: Worker) -> None:
    """The worker has begun to poll."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not await sessions(installation, worker):
            await asyncio.sleep(0.02)


async def sessions(installation: Installation, worker: Worker) -> int:
    """How often the worker is listed."""
    items = (await patiently(lambda: installation.caller.get("worker-sessions"))).items
    return [item["worker_instance_id"] for item in items].count(worker.instance)
