"""The relay's election on a real database: kept while it lives, given up with its session, its rows forgotten."""

import asyncio
import json
from collections.abc import AsyncIterator, Callable, Sequence
from datetime import timedelta

import pytest

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.producer import Message, Producer, PublishFailed
from libs.chassis.db.link import Link
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Entry
from libs.chassis.outbox import relay as relay_module
from libs.chassis.outbox.shard_relay import ShardRelay
from libs.chassis.outbox.table import OutboxTable
from libs.contracts.topics import Topic
from tests.integration.chassis.racing import Tap
from tests.integration.chassis.write_path import append, claimed, migrated, relaying, said

SESSION = "SELECT pid FROM pg_stat_activity WHERE application_name = 'dispatcher-relay-election'"


NEVER = timedelta(hours=1)


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


@pytest.fixture
async def tap(servers: LocalServers, link: Link) -> AsyncIterator[Tap]:
    tap = Tap(servers.kafka_bootstrap)
    await tap.open()
    yield tap
    await tap.close()


async def published(link: Link, tap: Tap, stream: str) -> list[int]:
    """The sequences of a stream on the topic, once the outbox is empty."""
    async with asyncio.timeout(20):
        while await link.rows("SELECT 1 FROM outbox"):
            await asyncio.sleep(0.02)
    return [json.loads(raw)["sequence"] for raw in await tap.read([stream])]


def at_rest(relay: relay_module.Relay) -> bool:
    """It owns everything and has looked for what was left behind."""
    return len(relay.owned) == 4 and all(shard.idle for shard in relay._shards.values())


async def test_what_is_offered_ahead_of_its_predecessor_is_read_back_with_it(
    servers: LocalServers, database: Database, link: Link, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "FLOOR", NEVER)
    stream = new_id("run")
    first, second = said(stream, 0, [claimed(stream, 1), claimed(stream, 2)])
    async with relaying(servers, database) as relay:
        await until(lambda: at_rest(relay))
        for entry in (first, second):
            await append(link, [entry])
        relay.offer([second])
        assert await published(link, tap, stream) == [1, 2]
    await link.close()


class Stumbling(Producer):
    """Fails once, with nothing sent."""

    def __init__(self, bootstrap: str) -> None:
        super().__init__(bootstrap, "test-relay")
        self.failed = asyncio.Event()

    async def publish(self, topic: Topic, partition: int, messages: Sequence[Message]) -> None:
        if messages and not self.failed.is_set():
            self.failed.set()
            raise PublishFailed("expected an acknowledgement, but there was none")
        await super().publish(topic, partition, messages)


async def test_what_follows_a_failed_send_waits_for_it(
    servers: LocalServers, database: Database, link: Link, tap: Tap, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "FLOOR", NEVER)
    stream, producer = new_id("run"), Stumbling(servers.kafka_bootstrap)
    first, second = said(stream, 0, [claimed(stream, 1), claimed(stream, 2)])
    async with relaying(servers, database, producer) as relay:
        await until(lambda: at_rest(relay))
        await append(link, [first])
        relay.offer([first])
        await asyncio.wait_for(producer.failed.wait(), 20)
        await append(link, [second])
        relay.offer([second])
        assert await published(link, tap, stream) == [1, 2]
    await link.close()


async def test_a_shard_has_one_owner_and_the_next_takes_over(
    servers: LocalServers, database: Database, link: Link
) -> None:
    async with relaying(servers, database) as first:
        await until(lambda: len(first.owned) == 4)
        second = relaying(servers, database)
        relay = await second.__aenter__()
        await until(lambda: relay.ready() is None)
        assert relay.owned == frozenset()
    await until(lambda: len(relay.owned) == 4)
    await second.__aexit__(None, None, None)
    await link.close()


async def test_an_owner_that_sleeps_too_long_has_lost_its_shards_and_sees_it(
    servers: LocalServers, database: Database, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "SESSION_MAY_IDLE", timedelta(seconds=1))
    monkeypatch.setattr(relay_module, "FLOOR", NEVER)
    async with relaying(servers, database) as sleeper:
        await until(lambda: len(sleeper.owned) == 4)
        async with asyncio.timeout(20):
            while await link.rows(SESSION):
                await asyncio.sleep(0.02)
        monkeypatch.setattr(relay_module, "FLOOR", timedelta(seconds=0.1))
        async with relaying(servers, database) as successor:
            await until(lambda: len(successor.owned) == 4)
            sleeper._wake.set()
            await until(lambda: sleeper.owned == frozenset())
            assert len(successor.owned) == 4
    await link.close()


async def test_the_owner_of_a_shard_is_told_once_of_many_commits(
    servers: LocalServers, database: Database, link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(relay_module, "FLOOR", timedelta(seconds=0.05))
    owner, heard = Link(database.service_urls["dispatcher"], "test-owner"), list[str]()
    for shard in range(4):
        await owner.rows(relay_module.QUERIES["try_own_shard"], "dispatcher-relay", shard)
    await owner.listen(relay_module.CHANNEL, heard.append)
    stream = new_id("run")
    commits = said(stream, 0, [claimed(stream, number) for number in range(1, 21)])
    async with relaying(servers, database) as relay:
        await until(lambda: relay.ready() is None)
        for entry in commits:
            relay.offer([entry])
        await until(lambda: bool(heard))
        looks = relay._looks
        await until(lambda: relay._looks >= looks + 3)
        assert heard == [f"dispatcher/{commits[0].shard}"]
    await owner.close()
    await link.close()
