"""Jobs that arrive while workers wait go straight into their hands, in the statement that would have queued them."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import ExitStack
from dataclasses import replace
from datetime import timedelta
from typing import NamedTuple

import pytest

from deploy.local.servers import Database
from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.db.statement import run
from libs.chassis.loops.queues import Queues
from services.dispatcher.domain.jobs import Job
from services.dispatcher.store import claims as claims_module
from services.dispatcher.store.claims import Claim, ClaimDesk, Leases
from services.dispatcher.store.hand_over import Deal, HandOver
from services.dispatcher.store.lanes import LaneBook, Wanted
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.waiters import Waiter, Waiters
from tests.doubles.clock import FakeClock
from tests.integration.chassis.write_path import migrated
from tests.unit.dispatcher.samples import JOB

CLAIM = Claim(Wanted(JOB.project), "t1", "w1", timedelta(seconds=90))


class Parts(NamedTuple):
    """What a dispatcher has for it, on a real database."""

    link: Link
    desk: ClaimDesk
    waiters: Waiters
    leases: Leases
    hand_over: HandOver

    def waits(self, stack: ExitStack, claim: Claim = CLAIM) -> Waiter:
        """A worker that has looked and found nothing."""
        waiter = stack.enter_context(self.waiters.parked(claim))
        waiter.idle = True
        return waiter

    async def commit(self, deal: Deal) -> None:
        """As the consumer does it, but for the position."""
        queued = [Queue(self.link).insert_part(deal.queued)] if deal.queued else []
        try:
            await run(self.link, [*queued, *deal.parts()])
        except BaseException:
            deal.conflicted()
            raise
        deal.committed()

    async def held(self) -> list[tuple[str, str]]:
        return [(row["job_id"], row["token"]) for row in await self.link.rows("SELECT job_id, token FROM leased")]

    async def queued(self) -> list[str]:
        return [row["job_id"] for row in await self.link.rows("SELECT job_id FROM ready")]


@pytest.fixture
async def parts(database: Database, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Parts]:
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    monkeypatch.setattr(claims_module, "LOOK_EVERY", timedelta(milliseconds=10))
    leases, waiters = Leases(), Waiters()
    desk = ClaimDesk(database.service_urls["dispatcher"], leases, LaneBook(), Queues())
    await desk.start()
    yield Parts(link, desk, waiters, leases, HandOver(waiters, desk, leases, FakeClock()))
    await desk.stop()
    await link.close()


def ids(jobs: Sequence[Job]) -> list[str]:
    return [job.job_id for job in jobs]


async def test_a_job_that_arrives_goes_to_the_worker_that_waits(parts: Parts) -> None:
    with ExitStack() as stack:
        waiter = parts.waits(stack)
        await parts.commit(parts.hand_over.deal([JOB]))
        assert waiter.woken.is_set()
        (lease,) = await waiter.leave()
        assert (lease.job, lease.token, lease.claimed_by) == (JOB, "t1", "w1")
        assert parts.leases.get(JOB.job_id) == lease
    assert await parts.held() == [(JOB.job_id, "t1")]
    assert await parts.queued() == []


async def test_more_jobs_than_takers_go_into_the_queue(parts: Parts) -> None:
    jobs = [replace(JOB, job_id=f"job_{number}") for number in range(5)]
    with ExitStack() as stack:
        one = parts.waits(stack)
        two = parts.waits(stack, Claim(CLAIM.wanted, "t2", "w2", CLAIM.lease_for, most=2))
        deal = parts.hand_over.deal(jobs)
        assert ids(deal.queued) == ["job_3", "job_4"]
        await parts.commit(deal)
        assert [lease.job.job_id for lease in await one.leave()] == ["job_0"]
        assert [lease.job.job_id for lease in await two.leave()] == ["job_1", "job_2"]
    assert sorted(await parts.queued()) == ["job_3", "job_4"]


async def test_a_job_that_was_heard_before_is_handed_to_nobody(parts: Parts) -> None:
    await run(parts.link, [Queue(parts.link).insert_part([JOB])])
    with ExitStack() as stack:
        waiter = parts.waits(stack)
        with pytest.raises(Conflict):
            await parts.commit(parts.hand_over.deal([JOB]))
        assert waiter.woken.is_set()
        assert await waiter.leave() == []
        again = parts.hand_over.deal([JOB])
        assert ids(again.queued) == [JOB.job_id]
        await parts.commit(again)
    assert await parts.held() == []
    assert await parts.queued() == [JOB.job_id]


async def test_leases_of_a_commit_whose_outcome_is_unknown_are_given_back(parts: Parts) -> None:
    with ExitStack() as stack:
        waiter = parts.waits(stack)
        deal = parts.hand_over.deal([JOB])
        await run(parts.link, deal.parts())
        deal.conflicted()
        assert await waiter.leave() == []
    async with asyncio.timeout(10):
        while await parts.queued() != [JOB.job_id]:
            await asyncio.sleep(0.01)
    assert await parts.held() == []


async def test_who_leaves_during_the_commit_waits_for_what_it_brings(parts: Parts) -> None:
    with ExitStack() as stack:
        waiter = parts.waits(stack)
        deal = parts.hand_over.deal([JOB])
        leaving = asyncio.create_task(waiter.leave())
        await asyncio.sleep(0)
        assert not leaving.done()
        await parts.commit(deal)
        assert [lease.job for lease in await asyncio.wait_for(leaving, 5)] == [JOB]


async def test_nobody_is_handed_a_job_while_looking(parts: Parts) -> None:
    with ExitStack() as stack:
        waiter = stack.enter_context(parts.waiters.parked(CLAIM))
        assert ids(parts.hand_over.deal([JOB]).queued) == [JOB.job_id]
        assert not parts.waiters.any_idle(CLAIM.wanted)
        waiter.idle = True
        assert parts.waiters.any_idle(CLAIM.wanted)
