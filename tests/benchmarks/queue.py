"""What a claim costs when the queue is long or littered, and how fast one job finds one of many parked polls."""

import asyncio
from datetime import UTC, datetime, timedelta
from statistics import median
from time import perf_counter

import aiohttp

from deploy.local.servers import Database, LocalServers
from libs.chassis.clock import parse_time
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from libs.chassis.loops.queues import Queues
from services.dispatcher.store.claims import Claim, ClaimDesk, Leases
from services.dispatcher.store.lanes import LaneBook, Wanted
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.waiters import Waiters
from services.dispatcher.workers.lane_watcher import LaneWatcher
from tests.benchmarks.load import ONE_STEP, Installation, start
from tests.benchmarks.workers import ACTIONS, RESULT

FILL = """
INSERT INTO ready (job_id, project, kind, action, queue, run_id, attempt, body, parameters)
SELECT 'job_' || $1 || n, 'default', 'worker', ($3::text[])[1 + n % 3], 'default', 'run_1', 1, $4, '{"n":1}'
FROM generate_series(1, $2::integer) n
"""
BODY = (
    b'{"workflow_name":"bench","path":"main","step":"a","step_attempt":1,"scheduled_at":"2030-01-31T12:00:00Z",'
    b'"dry_run":false,"traceparent":null}'
)
CLAIM = Claim(Wanted("default", actions=tuple(ACTIONS)), "bench", "bench", timedelta(seconds=90))


async def claim_p50_ms(servers: LocalServers, *, waiting: int = 1_000, dead: int = 0, times: int = 300) -> float:
    """Milliseconds of one claim at the claim desk, p50, in a database of its own.

    `waiting` jobs of three actions are there, behind `dead` ones that an old transaction keeps from being cleared away.
    """
    database = await servers.create_database()
    try:
        return await _claims(database, waiting, dead, times)
    finally:
        await servers.drop_database(database)


async def _claims(database: Database, waiting: int, dead: int, times: int) -> float:
    url = database.service_urls["dispatcher"]
    link, keeper, book = Link(url, "bench-queue"), Link(url, "bench-keeper"), LaneBook()
    desk = ClaimDesk(url, Leases(), book, Queues())
    try:
        await migrate(link, "services.dispatcher.migrations")
        await link.rows("ALTER TABLE ready SET (autovacuum_enabled = false)")
        await link.rows(FILL, "dead", dead, ACTIONS, BODY)
        async with keeper.transaction() as old:
            await old.rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await old.rows("SELECT count(*) FROM leased")
            await link.rows("DELETE FROM ready")
            await link.rows(FILL, "waiting", waiting, ACTIONS, BODY)
            watcher = LaneWatcher(Queue(link), book, Waiters(), [])
            for _ in range(3):  # a look, and the ticks after which the marks have followed it
                await watcher.step()
            await desk.start()
            return await _p50(desk, times)
    finally:
        await desk.stop()
        await keeper.close()
        await link.close()


async def _p50(desk: ClaimDesk, times: int) -> float:
    taken: list[float] = []
    for _ in range(times):
        began = perf_counter()
        leases = await desk.claim(CLAIM)
        taken.append(perf_counter() - began)
        if len(leases) != 1:
            raise RuntimeError(f"expected a claim to get one job, but it got {len(leases)}")
    return median(taken) * 1_000


async def parked_polls(installation: Installation, *, polls: int = 1_000, jobs: int = 30) -> tuple[float, float]:
    """Answers per job with so many long polls open, and milliseconds from a job's commit to its answer, p50.

    The time begins when the dispatcher begins to commit the job (its `claimed_at`), so it includes the commit.
    The session of `installation` has to allow that many connections.
    """
    answered: asyncio.Queue[tuple[datetime, dict[str, str]]] = asyncio.Queue()
    pollers = [asyncio.create_task(_poll(installation, number, answered)) for number in range(polls)]
    taken: list[float] = []
    answers = 0
    try:
        await _parked(installation, polls)
        for _ in range(jobs):
            await start(installation, {"mode": "inline", "spec": ONE_STEP, "inputs": {}})
            at, job = await asyncio.wait_for(answered.get(), 30)
            taken.append((at - await _claimed_at(installation, job["job_id"])).total_seconds() * 1_000)
            answers += 1 + answered.qsize()
            while not answered.empty():
                answered.get_nowait()
    finally:
        for poller in pollers:
            poller.cancel()
        await asyncio.gather(*pollers, return_exceptions=True)
    return (answers + answered.qsize()) / jobs, median(taken)


async def _poll(
    installation: Installation, number: int, answered: "asyncio.Queue[tuple[datetime, dict[str, str]]]"
) -> None:
    jobs = f"{installation.project(installation.dispatcher)}/jobs"
    claim = {
        "worker_instance_id": f"parked-{number}",
        "worker_session_token": f"parked-{number}",
        "concurrency_limit": 1,
        "actions": ACTIONS,
        "wait_seconds": 30,
    }
    done = {"worker_session_token": f"parked-{number}", "status": "completed", "result_b64": RESULT}
    while True:
        async with installation.http.post(f"{jobs}/claim", json=claim) as response:
            if response.status != 200:
                continue
            job = await response.json()
        answered.put_nowait((datetime.now(UTC), job))
        report = {**done, "attempt": job["attempt"]}
        async with installation.http.post(f"{jobs}/{job['job_id']}/complete", json=report) as response:
            response.raise_for_status()


async def _parked(installation: Installation, polls: int) -> None:
    """Returns when as many workers have been seen."""
    url = f"{installation.project(installation.dispatcher)}/worker-sessions"
    async with asyncio.timeout(60):
        while True:
            totals = (await _json(installation.http, url))["totals"]
            if isinstance(totals, dict) and totals["active_instances"] >= min(polls, 1_000):
                return
            await asyncio.sleep(0.1)


async def _claimed_at(installation: Installation, job_id: str) -> datetime:
    job = await _json(installation.http, f"{installation.project(installation.dispatcher)}/jobs/{job_id}")
    return parse_time(str(job["claimed_at"]))


async def _json(http: aiohttp.ClientSession, url: str) -> dict[str, object]:
    async with http.get(url) as response:
        response.raise_for_status()
        answer: dict[str, object] = await response.json()
        return answer
