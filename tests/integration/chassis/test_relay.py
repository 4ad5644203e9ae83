"""The relay's election on a real database: kept while it lives, given up with its session, its rows forgotten."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta

import pytest

from deploy.local.servers import Database, LocalServers
from libs.chassis.db.link import Link
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Entry
from libs.chassis.outbox import relay as relay_module
from libs.chassis.outbox.shard_relay import ShardRelay
from libs.chassis.outbox.table import OutboxTable
from tests.integration.chassis.write_path import append, claimed, migrated, relaying, said

SESSION = "SELECT pid FROM pg_stat_activity WHERE application_name = 'dispatcher-relay-election'"


async def until(condition: Callable[[], bool], within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


@pytest.fixture
async def link(servers: LocalServers, database: Database) -> Link:
    await servers.create_topics()
    return await migrated(database, "dispatcher", "services.dispatcher.migrations")


async def test_an_owner_of_all_shards_keeps_its_session_for_longer_than_a_session_may_idle(
    servers: LocalServers, database: Database, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "SESSION_MAY_IDLE", timedelta(seconds=1.5))
    monkeypatch.setattr(relay_module, "FLOOR", timedelta(seconds=0.5))
    async with relaying(servers, database) as relay:
        await until(lambda: len(relay.owned) == 4)
        before = await link.rows(SESSION)
        await asyncio.sleep(4)  # what is tested is the passing of time
        assert await link.rows(SESSION) == before
    assert len(before) == 1
    await link.close()


class Hanging(OutboxTable):
    """Its first deletion never ends."""

    def __init__(self, link: Link) -> None:
        super().__init__("dispatcher", link)
        self.deleting = asyncio.Event()

    async def _delete(self, done: Sequence[Entry]) -> None:
        if not self.deleting.is_set():
            self.deleting.set()
            await asyncio.Event().wait()
        await super()._delete(done)


async def test_what_was_being_forgotten_when_the_loop_was_cancelled_is_forgotten_by_the_next_flush(link: Link) -> None:
    stream = new_id("run")
    appended = said(stream, 0, [claimed(stream, 1)])
    await append(link, appended)
    table = Hanging(link)
    loop = asyncio.create_task(table.run())
    table.forget(appended)
    await table.deleting.wait()
    loop.cancel()
    await asyncio.gather(loop, return_exceptions=True)
    await table.flush()
    assert await link.rows("SELECT 1 FROM outbox") == []
    await link.close()


async def test_what_nobody_offered_is_published_under_unending_work_too(
    servers: LocalServers, database: Database, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "FLOOR", timedelta(seconds=0.05))
    async with relaying(servers, database) as relay:
        await until(lambda: len(relay.owned) == 4)
        monkeypatch.setattr(ShardRelay, "idle", False)
        stream = new_id("run")
        await append(link, said(stream, 0, [claimed(stream, 1)]))
        async with asyncio.timeout(10):
            while await link.rows("SELECT 1 FROM outbox"):
                await asyncio.sleep(0.05)
        monkeypatch.undo()
    await link.close()
