"""Whoever has lost a lease changes nothing, whatever a process remembers of it: the fence stands in the statements."""

from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import cast

import pytest

from deploy.local.servers import Database
from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.db.statement import run
from libs.chassis.decider import Rejected
from libs.chassis.journal.store import load_streams
from libs.chassis.loops.queues import Queues
from libs.chassis.outbox.relay import Relay
from services.dispatcher.domain.jobs import Lease
from services.dispatcher.domain.reports import LEASE_LOST, Report, Succeeded
from services.dispatcher.store.claims import Claim, ClaimDesk, Leases
from services.dispatcher.store.heartbeats import Heartbeat, HeartbeatDesk
from services.dispatcher.store.lanes import LaneBook, Wanted, lane_of
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.reports import ReportDesk, Reporting
from tests.doubles.clock import FakeClock
from tests.integration.chassis.write_path import migrated
from tests.unit.dispatcher.samples import JOB

LEASE_FOR = timedelta(seconds=90)


class Unheard:
    """A relay that nobody listens to, with room for everything."""

    def ensure_room(self) -> None:
        pass

    def offer(self, _entries: object) -> None:
        pass


@dataclass
class Held:
    """One job that is held, and the desks of the process that handed it out and remembers it."""

    link: Link
    queue: Queue
    lease: Lease
    claims: ClaimDesk
    reports: ReportDesk
    heartbeats: HeartbeatDesk

    async def report(self) -> Rejected | None:
        lease = self.lease
        return await self.reports.report(
            Reporting(Report(JOB.job_id, JOB.project, lease.token, lease.job.attempt, Succeeded({"ok": True})))
        )

    async def told(self) -> list[tuple[str, int]]:
        events = (await load_streams(self.link, [JOB.job_id]))[JOB.job_id]
        return [(event.data.type, event.sequence) for event in events]

    async def until(self) -> datetime:
        rows = await self.link.rows("SELECT lease_until FROM leased WHERE job_id = $1", JOB.job_id)
        return cast(datetime, rows[0]["lease_until"])


async def claimed(url: str, link: Link, leases: Leases, jobs: int = 1) -> list[Lease]:
    several = [replace(JOB, job_id=f"job_{number}") for number in range(1, jobs + 1)]
    await run(link, [Queue(link).insert_part(several)])
    book = LaneBook()
    book.note(lane_of(JOB))
    desk = ClaimDesk(url, leases, book, Queues())
    await desk.start()
    held = await desk.claim(Claim(Wanted(JOB.project), "t1", "w1", LEASE_FOR, jobs))
    await desk.stop()
    return held


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    yield link
    await link.close()


@pytest.fixture
async def held(database: Database, link: Link) -> AsyncIterator[Held]:
    url, leases = database.service_urls["dispatcher"], Leases()
    [lease] = await claimed(url, link, leases)
    relay = cast(Relay, Unheard())
    claims = ClaimDesk(url, leases, LaneBook(), Queues())
    reports = ReportDesk(url, leases, relay, FakeClock(), lambda *_: [], Queues())
    heartbeats = HeartbeatDesk(url, Queues())
    for desk in (claims, reports, heartbeats):
        await desk.start()
    yield Held(link, Queue(link), lease, claims, reports, heartbeats)
    for desk in (claims, reports, heartbeats):
        await desk.stop()


MEANWHILE: Mapping[str, tuple[str, Rejected | None, list[tuple[str, int]]]] = {
    "token": ("token = 'another'", LEASE_LOST, []),
    "attempt": ("attempt = 2", LEASE_LOST, []),
    "clock": ("lease_until = clock_timestamp()", LEASE_LOST, []),
    "sequence": ("sequence = 4", None, [("job.completed", 5)]),
    "cancelled": ("cancel_requested = true", None, [("job.reported_late", 1)]),
}
"""What another replica does to the lease, what a report is answered then, and what is told of it."""


@pytest.mark.parametrize("what", MEANWHILE)
async def test_a_report_that_this_process_remembers_is_held_against_the_table(held: Held, what: str) -> None:
    change, answer, told = MEANWHILE[what]
    await held.link.rows(f"UPDATE leased SET {change}")
    assert await held.report() == answer
    assert await held.told() == told
    assert len(await held.link.rows("SELECT 1 FROM leased")) == (1 if answer else 0)


LOST: Mapping[str, tuple[str, str, int]] = {
    "token": ("token = token", "another", 1),
    "attempt": ("token = token", "t1", 2),
    "clock": ("lease_until = clock_timestamp()", "t1", 1),
}
"""What happened to the lease, and the token and the attempt of a heartbeat."""


@pytest.mark.parametrize("what", LOST)
async def test_a_heartbeat_under_another_fence_extends_nothing(held: Held, what: str) -> None:
    change, token, attempt = LOST[what]
    await held.link.rows(f"UPDATE leased SET {change}")
    before = await held.until()
    beat = Heartbeat(JOB.job_id, JOB.project, token, attempt, timedelta(hours=1))
    assert await held.heartbeats.beat(beat) == LEASE_LOST
    assert await held.until() == before


MOVED = {
    "token": "token = 'another'",
    "attempt": "attempt = 2",
    "clock": "lease_until = clock_timestamp()",
    "sequence": "sequence = 4",
}


@pytest.mark.parametrize("what", MOVED)
async def test_progress_under_another_fence_is_not_recorded(held: Held, what: str) -> None:
    await held.link.rows(f"UPDATE leased SET {MOVED[what]}")
    with pytest.raises(Conflict):
        await run(held.link, [held.queue.advance_part([held.lease], [1])])


@pytest.mark.parametrize("what", ["token", "attempt"])
async def test_a_lease_that_is_another_ones_is_not_given_back(held: Held, what: str) -> None:
    await held.link.rows(f"UPDATE leased SET {MOVED[what]}")
    await held.claims.release([held.lease])
    assert await held.link.rows("SELECT 1 FROM ready") == []


async def test_a_lease_that_was_extended_meanwhile_is_not_reaped(held: Held) -> None:
    await held.link.rows("UPDATE leased SET lease_until = clock_timestamp()")
    expired = await held.queue.find_expired(10)
    await held.link.rows("UPDATE leased SET lease_until = clock_timestamp() + interval '1 hour'")
    with pytest.raises(Conflict):
        await run(held.link, held.queue.return_parts(expired, [replace(JOB, attempt=2)]))
    assert [lease.job.job_id for lease in expired] == [JOB.job_id]


async def test_an_expired_lease_is_found_behind_many_long_ones(database: Database, link: Link) -> None:
    assert len(await claimed(database.service_urls["dispatcher"], link, Leases(), jobs=3)) == 3
    await link.rows("UPDATE leased SET claimed_at = claimed_at - interval '1 hour' WHERE job_id <> 'job_3'")
    await link.rows("UPDATE leased SET lease_until = clock_timestamp() WHERE job_id = 'job_3'")
    assert [lease.job.job_id for lease in await Queue(link).find_expired(2)] == ["job_3"]


async def test_a_job_that_has_ended_does_not_wait_again(held: Held) -> None:
    assert await held.report() is None
    await run(held.link, [held.queue.insert_part([JOB])])
    assert await held.link.rows("SELECT 1 FROM ready") == []
