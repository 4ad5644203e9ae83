"""Commits whose outcome is not known: found out, and neither lost nor doubled."""

from collections.abc import AsyncIterator, Sequence

import pytest

from deploy.local.servers import Database
from libs.chassis.db.errors import Conflict, OutcomeUnknown
from libs.chassis.db.link import Link, Row
from libs.chassis.db.migrator import migrate
from libs.chassis.ids import new_id
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context, Entry, entries
from libs.contracts.events.engine import RunCompleted
from tests.doubles.clock import NOON


class BreakingLink(Link):
    """Its first statement breaks, before or after the server has done it."""

    def __init__(self, url: str, *, done: bool) -> None:
        super().__init__(url, "test-breaking")
        self._breaks = True
        self._done = done

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        if not self._breaks:
            return await super().rows(sql, *args)
        self._breaks = False
        if self._done:
            await super().rows(sql, *args)
        raise OutcomeUnknown("expected an answer, but the connection broke")


@pytest.fixture
async def url(database: Database) -> AsyncIterator[str]:
    link = Link(database.service_urls["engine"], "test-commits")
    await migrate(link, "services.engine.migrations")
    yield database.service_urls["engine"]
    await link.close()


def said(run_id: str, outputs: int = 1) -> list[Entry]:
    payloads = [RunCompleted(outputs={"n": number}) for number in range(outputs)]
    return entries(Context(service="engine", project="p", now=NOON), run_id, 0, run_id, payloads)


async def kept(url: str, run_id: str) -> int:
    link = Link(url, "test-reading")
    rows = await link.rows(
        "SELECT count(*) AS found FROM (SELECT unnest(streams) AS stream, unnest(seqs) AS seq FROM outbox) AS waiting"
        " JOIN journal USING (stream, seq) WHERE stream = $1",
        run_id,
    )
    await link.close()
    return int(rows[0]["found"])


@pytest.mark.parametrize("done", [True, False])
async def test_a_commit_that_breaks_is_there_once(url: str, done: bool) -> None:
    run_id = new_id("run")
    link = BreakingLink(url, done=done)
    await commit(link, [], said(run_id, 2))
    assert await kept(url, run_id) == 2
    await link.close()


async def test_what_another_writer_has_committed_is_a_conflict(url: str) -> None:
    run_id = new_id("run")
    other = Link(url, "test-other")
    await commit(other, [], said(run_id, 1))
    for link in (Link(url, "test-plain"), BreakingLink(url, done=False)):
        with pytest.raises(Conflict):
            await commit(link, [], said(run_id, 2))
        await link.close()
    await other.close()
    assert await kept(url, run_id) == 1


async def test_what_another_writer_has_committed_alone_is_a_conflict(url: str) -> None:
    """In the very place, but in other words: only the bytes tell that it is not ours."""
    run_id = new_id("run")
    other, link = Link(url, "test-other"), BreakingLink(url, done=False)
    context = Context(service="engine", project="p", now=NOON)
    await commit(other, [], entries(context, run_id, 0, run_id, [RunCompleted(outputs={"n": "another"})]))
    with pytest.raises(Conflict):
        await commit(link, [], said(run_id, 1))
    for one in (other, link):
        await one.close()
