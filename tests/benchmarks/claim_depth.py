"""What a claim costs, as one worker sees it, when much waits in the queue, and when much has gone from it.

The jobs are put into the dispatcher's table directly: a million of them would take the engine half an hour.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from statistics import median
from time import perf_counter
from typing import TypeAlias

import asyncpg

from services.dispatcher.store.rows import body_of
from tests.benchmarks.rows import Row, cost
from tests.benchmarks.stage import Stage
from tests.benchmarks.theme import Round, Samples, Theme
from tests.benchmarks.wire import Wire, wires
from tests.unit.dispatcher.samples import JOB

CLAIMS = 200
SHORT = 2 * CLAIMS
WAITING = 1_000_000
GONE = 200_000
ACTIONS = tuple(f"bench-depth-{number}" for number in range(3))
RUN = "run_bench_depth"
RATIO_TARGET = 2.5

Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

FILL = """
INSERT INTO dispatcher.ready (job_id, project, kind, action, queue, run_id, attempt, body, parameters)
SELECT 'job_depth_' || gen_random_uuid(), 'default', 'worker', 'bench-depth-' || n % 3, 'default', $2, 1, $3, '{}'
FROM generate_series(1, $1::integer) n
"""


async def measure(round_: Round) -> Mapping[str, float]:
    """Milliseconds of a claim, p50: from a short queue at the beginning and at the end, and from a deep one between."""
    must = await round_.limit("post alone") + await round_.limit("commit alone")
    async with _queue(round_.stage) as (connection, wire):
        before = await _claimed(round_, connection, wire, SHORT)
        async with _old_snapshot(round_.stage):
            await _fill(connection, GONE)
            await connection.execute("DELETE FROM dispatcher.ready")
            gone = await _claimed(round_, connection, wire, SHORT)
        await connection.execute("TRUNCATE dispatcher.ready")
        waiting = await _claimed(round_, connection, wire, WAITING)
        await connection.execute("TRUNCATE dispatcher.ready")
        fresh = (before + await _claimed(round_, connection, wire, SHORT)) / 2
    round_.tell(f"  claim p50: fresh {fresh:.2f} ms, behind the gone {gone:.2f} ms, with many waiting {waiting:.2f} ms")
    return {"claim fresh": fresh, "claim gone": gone, "claim waiting": waiting, "claim must": must}


def rows(samples: Samples) -> Sequence[Row]:
    fresh, unit = samples["claim fresh"], "ms p50"
    gone, waiting = f"claim, {GONE:,} dead tuples (raw: fresh)", f"claim, {WAITING:,} jobs waiting (raw: fresh)"
    return [
        cost("claim, fresh (raw: a POST and a commit)", unit, fresh, raw=samples["claim must"]),
        cost(gone, unit, samples["claim gone"], raw=fresh, ratio_target=RATIO_TARGET),
        cost(waiting, unit, samples["claim waiting"], raw=fresh, ratio_target=RATIO_TARGET),
    ]


async def _claimed(round_: Round, connection: Connection, wire: Wire, jobs: int) -> float:
    """Fills the queue with so many jobs, and takes some of them one after the other."""
    await _fill(connection, jobs)
    path = f"{round_.stage.installation.project('')}/jobs/claim"
    async with asyncio.timeout(60):
        while await _claim(wire, path) is None:  # the dispatcher looks for jobs that nobody told it of
            await asyncio.sleep(0.1)
    taken = [await _claim(wire, path) for _ in range(round_.sized(CLAIMS))]
    found = [one for one in taken if one is not None]
    if len(found) < len(taken):
        raise RuntimeError(f"expected a job for each of {len(taken)} claims, but {len(taken) - len(found)} got none")
    return median(found)


async def _claim(wire: Wire, path: str) -> float | None:
    """Milliseconds; None when there was no job."""
    name = "bench-depth"
    claim = {"worker_instance_id": name, "worker_session_token": name, "concurrency_limit": 1, "actions": ACTIONS}
    began = perf_counter()
    status, raw = await wire.post(path, claim)
    if status not in (200, 204):
        raise RuntimeError(f"expected a claim to be answered, but got {status} {raw!r}")
    return (perf_counter() - began) * 1_000 if status == 200 else None


async def _fill(connection: Connection, jobs: int) -> None:
    await connection.execute(FILL, jobs, RUN, body_of(JOB))


@asynccontextmanager
async def _queue(stage: Stage) -> AsyncIterator[tuple[Connection, Wire]]:
    """The dispatcher's table, empty before and after, and a connection to its door."""
    connection = await asyncpg.connect(stage.stack.postgres_url, server_settings={"jit": "off"})
    headers = {"Authorization": f"Bearer {stage.stack.api_key}"}
    try:
        await connection.execute("TRUNCATE dispatcher.ready")
        async with wires(stage.installation.dispatcher, 1, headers) as (wire,):
            yield connection, wire
    finally:
        await connection.execute("TRUNCATE dispatcher.ready")
        await connection.execute("DELETE FROM dispatcher.leased WHERE run_id = $1", RUN)
        await connection.close()


@asynccontextmanager
async def _old_snapshot(stage: Stage) -> AsyncIterator[None]:
    """A transaction for whose sake nothing that is deleted meanwhile can be cleared away."""
    connection = await asyncpg.connect(stage.stack.postgres_url)
    try:
        async with connection.transaction(isolation="repeatable_read"):
            await connection.fetch("SELECT 1 FROM dispatcher.ready LIMIT 1")
            yield
    finally:
        await connection.close()


THEME = Theme("claim-depth", measure, rows, once=True)
