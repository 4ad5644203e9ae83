"""A claim whose answer got lost leaves no lease behind that nobody knows."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import pytest

from deploy.local.servers import Database
from libs.chassis.db.errors import OutcomeUnknown, Unavailable
from libs.chassis.db.link import Link, Row
from libs.chassis.db.statement import run
from libs.chassis.loops.queues import Queues
from services.dispatcher.store import claims as claims_module
from services.dispatcher.store.claims import Claim, ClaimDesk, Leases
from services.dispatcher.store.lanes import LaneBook, Wanted, lane_of
from services.dispatcher.store.queue import Queue
from tests.integration.chassis.write_path import migrated
from tests.unit.dispatcher.samples import JOB

CLAIM = Claim(Wanted(JOB.project), "t1", "w1", timedelta(seconds=90))


class BreakingLink(Link):
    """Its first statement is done by the server, but the answer gets lost; so do those of the next `away` ones."""

    def __init__(self, url: str, away: int) -> None:
        super().__init__(url, "test-breaking")
        self._away = away
        self._statements = 0

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        self._statements += 1
        if 1 < self._statements <= 1 + self._away:
            raise Unavailable("expected a server, but it is away")
        rows = await super().rows(sql, *args)
        if self._statements == 1:
            raise OutcomeUnknown("expected an answer, but the connection broke")
        return rows


async def desk_of(database: Database, monkeypatch: pytest.MonkeyPatch, away: int) -> tuple[Link, ClaimDesk]:
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    await run(link, [Queue(link).insert_part([JOB])])
    monkeypatch.setattr(claims_module, "LOOK_EVERY", timedelta(milliseconds=10))
    book = LaneBook()
    book.note(lane_of(JOB))
    desk = ClaimDesk(database.service_urls["dispatcher"], Leases(), book, Queues())
    monkeypatch.setattr(desk, "_link", BreakingLink(database.service_urls["dispatcher"], away))
    await desk.start()
    return link, desk


async def test_a_claim_whose_answer_got_lost_gets_its_lease(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, desk = await desk_of(database, monkeypatch, away=0)
    (lease,) = await desk.claim(CLAIM)
    assert (lease.job.job_id, lease.token) == (JOB.job_id, "t1")
    await desk.stop()
    await link.close()


async def test_a_lease_of_a_claim_that_was_refused_is_given_back(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    link, desk = await desk_of(database, monkeypatch, away=1)
    with pytest.raises(Unavailable):
        await desk.claim(CLAIM)
    async with asyncio.timeout(10):
        while not (leases := await desk.claim(CLAIM)):
            await asyncio.sleep(0.01)
    assert [lease.job for lease in leases] == [JOB]
    await desk.stop()
    await link.close()
