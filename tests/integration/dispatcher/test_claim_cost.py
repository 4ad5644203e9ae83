"""What a claim reads does not grow with what waits, with what is gone, or with what others want. Counted in blocks."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.local.servers import Database
from libs.chassis.db.link import PLANNED_ONCE, Link, Row
from libs.chassis.db.statement import run
from libs.chassis.loops.queues import Queues
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.store.claims import QUERIES, Claim, ClaimDesk, Leases
from services.dispatcher.store.lanes import LaneBook, Wanted
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.rows import body_of
from services.dispatcher.store.waiters import Waiters
from services.dispatcher.workers import lane_watcher
from services.dispatcher.workers.lane_watcher import LaneWatcher
from tests.integration.chassis.write_path import migrated
from tests.unit.dispatcher.samples import JOB

FILL = """
INSERT INTO ready (job_id, project, kind, action, queue, run_id, attempt, body, parameters)
SELECT 'job_' || $4 || n, 'default', 'worker', 'act-' || n % 3, $2, 'run_1', 1, $3, '{}'
FROM generate_series(1, $1::integer) n
"""
BLOCKS = """
SELECT coalesce(sum(heap_blks_read + heap_blks_hit + idx_blks_read + idx_blks_hit), 0) AS blocks
FROM pg_statio_user_tables WHERE relname = $1
"""
MANY = 20_000
FEW = 150
"""Blocks of `ready` and its indexes that a claim of one job may touch: about 60, and not one for each of `MANY`."""


class CountedLink(Link):
    """A link whose statements are counted by the time that they are answered."""

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        rows = await super().rows(sql, *args)
        await super().rows("SELECT pg_stat_force_next_flush()")
        return rows


class Desk:
    """A claim desk, and the watcher that tells it where jobs are."""

    def __init__(self, url: str, link: Link, monkeypatch: pytest.MonkeyPatch) -> None:
        self.link = link
        self.book = LaneBook()
        self.watcher = LaneWatcher(Queue(link), self.book, Waiters(), [])
        self.claims = ClaimDesk(url, Leases(), self.book, Queues())
        monkeypatch.setattr(self.claims, "_link", CountedLink(url, "test-claims", settings=PLANNED_ONCE))
        monkeypatch.setattr(lane_watcher, "REST", 0)

    async def look(self, times: int = 3) -> None:
        """After three looks the marks have followed the first."""
        for _ in range(times):
            await self.watcher.step()

    async def claim(self, wanted: Wanted, most: int = 1) -> list[Lease]:
        return await self.claims.claim(Claim(wanted, "t1", "w1", timedelta(seconds=90), most))

    async def cost(self, wanted: Wanted) -> int:
        """The blocks that a claim of one job touches, by the statement as it was prepared long before."""
        before = await blocks(self.link, "ready")
        assert len(await self.claim(wanted)) == 1
        return await blocks(self.link, "ready") - before

    async def fill(self, jobs: int, queue: str = "default", prefix: str = "") -> None:
        await self.link.rows(FILL, jobs, queue, body_of(JOB), prefix or queue)


async def blocks(link: Link, table: str) -> int:
    """What was touched so far. What this very link did is counted later otherwise, perhaps as somebody else's."""
    await link.rows("SELECT pg_stat_force_next_flush()")
    return int((await link.rows(BLOCKS, table))[0]["blocks"])


@pytest.fixture
async def desk(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Desk]:
    """Its statement was planned when hardly anything waited."""
    url = database.service_urls["dispatcher"]
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    await link.rows("ALTER TABLE ready SET (autovacuum_enabled = false)")
    made = Desk(url, link, monkeypatch)
    await made.claims.start()
    await made.fill(10, "first")
    await link.rows("VACUUM ANALYZE ready")
    await made.look()
    for _ in range(10):
        assert len(await made.claim(Wanted("default"))) == 1
    yield made
    await made.claims.stop()
    await link.close()


@asynccontextmanager
async def old_snapshot(url: str) -> AsyncIterator[None]:
    """A transaction for whose sake nothing that is deleted from now on can be cleared away."""
    link = Link(url, "test-snapshot")
    try:
        async with link.transaction() as transaction:
            await transaction.rows("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
            await transaction.rows("SELECT count(*) FROM leased")
            yield
    finally:
        await link.close()


ALL = tuple(f"act-{number}" for number in range(3))


@pytest.mark.parametrize("wanted", [Wanted("default"), Wanted("default", actions=ALL)], ids=["any", "of three actions"])
async def test_a_claim_costs_the_same_however_many_jobs_wait(desk: Desk, wanted: Wanted) -> None:
    await desk.fill(MANY)
    await desk.look()
    assert 0 < await desk.cost(wanted) < FEW


async def test_a_claim_of_one_queue_does_not_read_through_the_jobs_of_another(desk: Desk) -> None:
    await desk.fill(MANY)
    await desk.fill(3, "slow")
    await desk.look()
    assert 0 < await desk.cost(Wanted("default", actions=ALL, queues=("slow",))) < FEW


async def test_a_claim_costs_the_same_however_many_jobs_are_gone_and_not_cleared_away(
    desk: Desk, database: Database
) -> None:
    await desk.fill(MANY)
    async with old_snapshot(database.service_urls["dispatcher"]):
        await desk.link.rows("DELETE FROM ready")
        await desk.fill(9, prefix="last")
        await desk.look()
        assert 0 < await desk.cost(Wanted("default")) < FEW


async def test_jobs_go_out_in_the_order_in_which_they_came_whatever_their_lanes(desk: Desk) -> None:
    await desk.fill(7)
    await desk.fill(7, "slow")
    await desk.look()
    expected = [f"job_{queue}{number}" for queue in ("default", "slow") for number in range(1, 8)]
    assert [lease.job.job_id for lease in await desk.claim(Wanted("default"), 100)] == expected


async def test_a_job_that_a_mark_has_passed_is_found_by_the_next_look(desk: Desk, database: Database) -> None:
    late = Link(database.service_urls["dispatcher"], "test-late")
    async with late.transaction() as transaction:
        await transaction.rows(FILL, 1, "default", body_of(JOB), "late")
        await desk.fill(5)
        await desk.look(1)
        assert len(await desk.claim(Wanted("default"), 100)) == 5
        await desk.look()
    assert await desk.claim(Wanted("default")) == []
    await desk.look(1)
    assert [lease.job.job_id for lease in await desk.claim(Wanted("default"))] == ["job_late1"]
    await late.close()


async def test_jobs_that_another_replica_holds_on_to_do_not_hide_those_behind_them(
    desk: Desk, database: Database
) -> None:
    await desk.fill(60)
    await desk.look(1)
    other = Link(database.service_urls["dispatcher"], "test-other")
    async with other.transaction() as transaction:
        await transaction.rows("SELECT 1 FROM ready ORDER BY position LIMIT 5 FOR UPDATE")
        taken = await desk.claim(Wanted("default"), 50)
    assert [lease.job.job_id for lease in taken] == [f"job_default{number}" for number in range(6, 56)]
    await other.close()


async def test_what_is_scheduled_is_not_held_against_all_that_ever_was(database: Database) -> None:
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    counted = CountedLink(database.service_urls["dispatcher"], "test-consumer", settings=PLANNED_ONCE)
    queue = Queue(link)
    await link.rows("ALTER TABLE journal SET (autovacuum_enabled = false)")
    for table in ("leased", "journal"):
        await link.rows(f"VACUUM ANALYZE {table}")
    for number in range(10):
        await run(counted, [queue.insert_part([replace(JOB, job_id=f"job_{number}")])])
    await link.rows("INSERT INTO journal SELECT 'old_' || n, 1, 'k', 'x' FROM generate_series(1, $1::integer) n", MANY)
    before = await blocks(link, "journal")
    await run(counted, [queue.insert_part([replace(JOB, job_id=f"job_1{number}") for number in range(10)])])
    assert 0 < await blocks(link, "journal") - before < 10 * 10
    await counted.close()
    await link.close()


async def test_reports_and_heartbeats_do_not_read_the_leases_of_others(desk: Desk, database: Database) -> None:
    counted = CountedLink(database.service_urls["dispatcher"], "test-leases", settings=PLANNED_ONCE)
    await desk.link.rows("ALTER TABLE leased SET (autovacuum_enabled = false)")
    await desk.link.rows("VACUUM ANALYZE leased")
    beat = (["job_none"], ["t1"], [1], [timedelta(seconds=90)])
    report = (["job_none"], ["t1"], [1], [1], [False], ["run_1"], [0], [b"{}"])
    for _ in range(10):
        await counted.rows(QUERIES["extend_leases"], *beat)
        await counted.rows(QUERIES["finish_leases"], *report)
    await desk.fill(5_000)
    await desk.look(1)
    for _ in range(10):
        await desk.claim(Wanted("default"), 500)
    before = await blocks(desk.link, "leased")
    await counted.rows(QUERIES["extend_leases"], *beat)
    await counted.rows(QUERIES["finish_leases"], *report)
    assert 0 < await blocks(desk.link, "leased") - before < 20
    await counted.close()
