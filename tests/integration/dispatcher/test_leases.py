"""The statements under the desks, on the real database: a fence holds within a batch, a closed job stays closed."""

import asyncio
from collections.abc import AsyncIterator
from dataclasses import replace
from datetime import timedelta

import pytest

from deploy.local.servers import Database
from libs.chassis.db.link import Link
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import run
from libs.chassis.ids import new_id
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context, entries
from libs.chassis.loops.queues import Queues
from services.dispatcher.domain.expiry import decide_expiry
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.domain.reports import LEASE_LOST
from services.dispatcher.domain.schedule import Holder, OpenJob, close
from services.dispatcher.store.claims import Claim, ClaimDesk, Leases
from services.dispatcher.store.heartbeats import Heartbeat, HeartbeatDesk
from services.dispatcher.store.jobs_read import JobReads
from services.dispatcher.store.lanes import LaneBook, Wanted, lane_of
from services.dispatcher.store.queue import Queue
from tests.doubles.clock import NOON
from tests.integration.chassis.write_path import migrated
from tests.unit.dispatcher.samples import JOB

LEASE_FOR = timedelta(seconds=90)


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    yield link
    await link.close()


@pytest.fixture
async def claims(database: Database, link: Link) -> AsyncIterator[ClaimDesk]:
    await run(link, [Queue(link).insert_part([JOB])])
    book = LaneBook()
    book.note(lane_of(JOB))
    desk = ClaimDesk(database.service_urls["dispatcher"], Leases(), book, Queues())
    await desk.start()
    yield desk
    await desk.stop()


async def claimed(claims: ClaimDesk) -> Lease:
    (lease,) = await claims.claim(Claim(Wanted(JOB.project), new_id("token"), "w1", LEASE_FOR))
    return lease


async def count(link: Link, table: str) -> int:
    rows = await link.rows(f"SELECT count(*) AS found FROM {table}")
    return int(rows[0]["found"])


async def test_a_lease_that_is_given_back_makes_the_job_claimable(link: Link, claims: ClaimDesk) -> None:
    await claims.release([await claimed(claims)])
    assert (await count(link, "ready"), await count(link, "leased")) == (1, 0)


async def test_a_lease_that_is_given_back_after_its_run_ended_is_gone(link: Link, claims: ClaimDesk) -> None:
    lease = await claimed(claims)
    await run(link, Queue(link).close_parts([OpenJob(lease.job, held=True)]))
    await claims.release([lease])
    assert (await count(link, "ready"), await count(link, "leased")) == (0, 0)


async def test_who_had_a_job_is_known_while_he_has_it_and_after_his_lease_expired(
    link: Link, claims: ClaimDesk
) -> None:
    lease, queue = await claimed(claims), Queue(link)
    holder = Holder("w1", lease.claimed_at)
    assert [(job.held, job.holder) for job in await queue.read_open([JOB.job_id])] == [(True, holder)]

    await link.rows("UPDATE leased SET lease_until = clock_timestamp()")
    payloads, again = decide_expiry(lease, {"n": 1}, retry_safe=True, most_expiries=3)
    assert again is not None
    context = Context(service="dispatcher", project=JOB.project, now=NOON)
    expired = entries(context, JOB.job_id, 0, JOB.run_id, payloads)
    await commit(link, queue.return_parts([lease], [again]), expired)
    assert [(job.held, job.holder) for job in await queue.read_open([JOB.job_id])] == [(False, holder)]


async def test_a_job_that_nobody_had_has_no_holder(link: Link, claims: ClaimDesk) -> None:
    assert [(job.held, job.holder) for job in await Queue(link).read_open([JOB.job_id])] == [(False, None)]


async def test_a_server_side_invocation_that_its_run_closed_is_not_shown_as_a_job(
    database: Database, link: Link
) -> None:
    jobs = [JOB, replace(JOB, job_id="inv_1", kind="server")]
    context = Context(service="dispatcher", project=JOB.project, now=NOON)
    for job, said in close([OpenJob(job, held=False) for job in jobs], "the run ended"):
        await commit(link, [], entries(context, job.job_id, 0, JOB.run_id, [said]))
    reads = Reads(database.service_urls["dispatcher"], "test-job-reads")
    await reads.start()
    assert [view.id for view in await JobReads(reads).of_run(JOB.run_id)] == [JOB.job_id]
    assert await JobReads(reads).find("inv_1") is None
    await reads.stop()


async def test_a_heartbeat_of_a_lost_lease_is_refused_beside_the_holders(database: Database, claims: ClaimDesk) -> None:
    lease = await claimed(claims)
    desk = HeartbeatDesk(database.service_urls["dispatcher"], Queues())
    await desk.start()
    beats = [Heartbeat(JOB.job_id, JOB.project, token, 1, LEASE_FOR) for token in (lease.token, "an older one")]
    assert await asyncio.gather(*(desk.beat(beat) for beat in beats)) == [False, LEASE_LOST]
    await desk.stop()
