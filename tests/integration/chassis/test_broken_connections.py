"""Real connections to PostgreSQL that break just before a commit reaches the server, or just after it took effect."""

import asyncio
import tempfile
from collections.abc import AsyncIterator
from datetime import timedelta
from pathlib import Path
from urllib.parse import urlsplit, urlunsplit

import pytest

from deploy.local.servers import Database
from libs.chassis.db.errors import OutcomeUnknown
from libs.chassis.db.link import Link, Transaction
from libs.chassis.ids import new_id
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context, Entry, entries
from libs.contracts.events.engine import RunCompleted
from tests.doubles.clock import NOON
from tests.doubles.postgres_wire import PostgresWire, server_of, through, writes
from tests.doubles.tcp_proxy import Moment, TcpProxy
from tests.integration.chassis.write_path import migrated

PATIENCE_SECONDS = 20
SLEEPING = "SELECT 1 FROM pg_stat_activity WHERE query LIKE 'SELECT pg_sleep%' AND state = 'active'"
INSERT = "INSERT INTO journal (stream, seq, key, event) VALUES ($1, 1, $1, '')"


@pytest.fixture
async def direct(database: Database) -> AsyncIterator[Link]:
    """Sees what is really there."""
    link = await migrated(database, "engine", "services.engine.migrations")
    yield link
    await link.close()


@pytest.fixture
async def proxy(database: Database) -> AsyncIterator[TcpProxy]:
    async with TcpProxy(server_of(database.url), wire=PostgresWire) as proxy:
        yield proxy


@pytest.fixture
async def link(direct: Link, database: Database, proxy: TcpProxy) -> AsyncIterator[Link]:
    link = Link(through(database.service_urls["engine"], proxy.port), "test-through-a-proxy")
    await link.rows("SELECT 1")
    yield link
    await link.close()


async def is_there(direct: Link, stream: str) -> bool:
    return bool(await direct.rows("SELECT 1 FROM journal WHERE stream = $1", stream))


@pytest.mark.parametrize(("moment", "there"), [(Moment.BEFORE_REQUEST, False), (Moment.BEFORE_ANSWER, True)])
async def test_a_cut_before_the_statement_leaves_nothing_and_after_it_the_row(
    direct: Link, link: Link, proxy: TcpProxy, moment: Moment, there: bool
) -> None:
    struck, stream = proxy.arm(moment, writes), new_id("run")
    with pytest.raises(OutcomeUnknown):
        await link.rows(INSERT, stream)
    async with asyncio.timeout(PATIENCE_SECONDS):
        await struck
    assert await is_there(direct, stream) == there
    await link.rows(INSERT, new_id("run"))  # the next connection is let through


@pytest.mark.parametrize(("moment", "there"), [(Moment.BEFORE_REQUEST, False), (Moment.BEFORE_ANSWER, True)])
async def test_a_cut_around_the_end_of_a_block_decides_over_all_of_it(
    direct: Link, link: Link, proxy: TcpProxy, moment: Moment, there: bool
) -> None:
    stream = new_id("run")

    async def insert(work: Transaction) -> None:
        await work.rows(INSERT, stream)
        proxy.arm(moment, writes)

    with pytest.raises(OutcomeUnknown):
        async with link.transaction() as work:
            await insert(work)
    assert await is_there(direct, stream) == there


@pytest.mark.parametrize("moment", Moment)
async def test_a_commit_through_a_connection_that_breaks_is_there_once(
    direct: Link, link: Link, proxy: TcpProxy, moment: Moment
) -> None:
    struck, run_id = proxy.arm(moment, writes), new_id("run")
    await commit(link, [], _said(run_id))
    assert struck.done()
    assert (
        len(await direct.rows("SELECT 1 FROM journal JOIN outbox USING (stream, seq) WHERE stream = $1", run_id)) == 1
    )


async def test_a_paused_proxy_holds_back_until_it_goes_on(link: Link, proxy: TcpProxy) -> None:
    proxy.pause()
    asked = asyncio.create_task(link.rows("SELECT 1 AS one"))
    done, _ = await asyncio.wait({asked}, timeout=0.3)
    assert done == set()
    proxy.resume()
    async with asyncio.timeout(PATIENCE_SECONDS):
        assert (await asked)[0]["one"] == 1


async def test_a_slow_proxy_makes_every_statement_slow(link: Link, proxy: TcpProxy) -> None:
    proxy.delay_ms = 100
    loop = asyncio.get_running_loop()
    began = loop.time()
    await link.rows("SELECT 1")
    assert timedelta(seconds=loop.time() - began) >= timedelta(milliseconds=200)


async def test_a_proxy_may_listen_on_a_unix_socket(direct: Link, database: Database) -> None:
    with tempfile.TemporaryDirectory(dir="/tmp") as folder:
        parts = urlsplit(database.service_urls["engine"])
        user, _, _ = parts.netloc.rpartition("@")
        url = urlunsplit(parts._replace(netloc=f"{user}@", query=f"host={folder}&port=5432"))
        async with TcpProxy(server_of(database.url), Path(folder) / ".s.PGSQL.5432") as proxy:
            link = Link(url, "test-unix-proxy")
            assert (await link.rows("SELECT 1 AS one"))[0]["one"] == 1
            assert proxy.connections == 1
            await link.close()


async def test_a_cut_ends_every_connection_at_once(
    direct: Link, database: Database, link: Link, proxy: TcpProxy
) -> None:
    other = Link(through(database.service_urls["engine"], proxy.port), "test-other")
    sleeping = [asyncio.create_task(one.rows("SELECT pg_sleep(60)")) for one in (link, other)]
    async with asyncio.timeout(PATIENCE_SECONDS):
        while len(await direct.rows(SLEEPING)) < len(sleeping):
            await asyncio.sleep(0.01)
        assert proxy.cut() == len(sleeping)
        outcomes = await asyncio.gather(*sleeping, return_exceptions=True)
    assert all(isinstance(outcome, OutcomeUnknown) for outcome in outcomes)
    await other.close()


def _said(run_id: str) -> list[Entry]:
    context = Context(service="engine", project="p", now=NOON)
    return entries(context, run_id, 0, run_id, [RunCompleted(outputs={})])
