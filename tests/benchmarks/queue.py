"""What a claim costs at the claim desk when the queue is long or littered, beside one from a short and clean one."""

from collections.abc import Mapping, Sequence
from datetime import timedelta
from statistics import median
from time import perf_counter

from deploy.local.servers import Database, LocalServers
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from libs.chassis.loops.queues import Queues
from services.dispatcher.store.claims import Claim, ClaimDesk, Leases
from services.dispatcher.store.lanes import LaneBook, Wanted
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.waiters import Waiters
from services.dispatcher.workers.lane_watcher import LaneWatcher
from tests.benchmarks.rows import Row, cost
from tests.benchmarks.theme import Round, Samples, Theme
from tests.benchmarks.workers import ACTIONS

FILL = """
INSERT INTO ready (job_id, project, kind, action, queue, run_id, attempt, body, parameters)
SELECT 'job_' || $1 || n, 'default', 'worker', ($3::text[])[1 + n % 3], 'default', 'run_1', 1, $4, '{"n":1}'
FROM generate_series(1, $2::integer) n
"""
BODY = (
    b'{"workflow_name":"bench","path":"main","step":"a","step_attempt":1,"scheduled_at":"2030-01-31T12:00:00Z",'
    b'"dry_run":false,"traceparent":null}'
)
WAITING = 1_000_000
DEAD = 200_000
RATIO_TARGET = 2.5
FILL_WITHIN = timedelta(minutes=4)
CLAIM = Claim(Wanted("default", actions=tuple(ACTIONS)), "bench", "bench", timedelta(seconds=90))


async def measure(round_: Round) -> Mapping[str, float]:
    """Milliseconds, p50; the short queue twice, at the beginning and at the end: a disturbance in one only adds."""
    servers, must = round_.stage.stack.servers, await round_.limit("commit alone")
    before = await claim_p50_ms(servers)
    dead = await claim_p50_ms(servers, dead=DEAD)
    waiting = await claim_p50_ms(servers, waiting=WAITING)
    fresh = min(before, await claim_p50_ms(servers))
    round_.tell(f"  claim: fresh {fresh:.2f} ms, {DEAD:,} dead {dead:.2f} ms, {WAITING:,} waiting {waiting:.2f} ms")
    return {"claim fresh": fresh, "claim dead": dead, "claim waiting": waiting, "claim must": must}


def rows(samples: Samples) -> Sequence[Row]:
    fresh, unit = samples["claim fresh"], "ms p50"
    dead, waiting = f"claim, {DEAD:,} dead tuples (raw: fresh)", f"claim, {WAITING:,} jobs waiting (raw: fresh)"
    return [
        cost("claim at the desk, fresh (raw: a commit)", unit, fresh, raw=samples["claim must"]),
        cost(dead, unit, samples["claim dead"], raw=fresh, ratio_target=RATIO_TARGET),
        cost(waiting, unit, samples["claim waiting"], raw=fresh, ratio_target=RATIO_TARGET),
    ]


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
    link, keeper = Link(url, "bench-queue", statement_timeout=FILL_WITHIN), Link(url, "bench-keeper")
    book = LaneBook()
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


THEME = Theme("queue", measure, rows, once=True)
