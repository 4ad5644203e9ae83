"""What is bounded between a service and its servers: the outbox, what is read back of it, and queries that wait."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import pytest

from deploy.local.servers import Database
from libs.chassis.bus.producer import Producer
from libs.chassis.db.errors import Overloaded
from libs.chassis.db.link import Link
from libs.chassis.db.reads import Reads
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Entry
from libs.chassis.outbox import table as table_module
from libs.chassis.outbox.backlog import OutboxFull, OutboxLimits
from libs.chassis.outbox.relay import Relay
from libs.chassis.outbox.table import OutboxTable
from tests.integration.chassis.write_path import append, claimed, migrated, said

NOBODY = "127.0.0.1:1"


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    yield link
    await link.close()


def spoken(count: int) -> list[Entry]:
    """Events of one stream."""
    stream = new_id("run")
    return said(stream, 0, [claimed(stream, number) for number in range(1, count + 1)])


async def until_unready(relay: Relay, part: str) -> None:
    async with asyncio.timeout(20):
        while part not in (relay.ready() or ""):
            await asyncio.sleep(0.02)


async def test_without_a_broker_writes_go_on_until_the_outbox_is_full_and_are_refused_from_there_on(
    link: Link, database: Database
) -> None:
    limits = OutboxLimits(events=5, unpublished=timedelta(days=1))
    relay = Relay("dispatcher", database.service_urls["dispatcher"], Producer(NOBODY, "test-limits"), limits)
    await relay.start()
    async with asyncio.timeout(20):
        while relay.ready() is not None:
            await asyncio.sleep(0.02)
    first = spoken(2)
    await append(link, first)
    relay.offer(first)
    assert relay.ready() is None  # a broker that is away for a moment is nobody's business
    relay.ensure_room()
    more = spoken(3)
    await append(link, more)  # by another replica: nobody offers them
    await until_unready(relay, "of at most 5")
    with pytest.raises(OutboxFull):
        relay.ensure_room()
    await relay.stop()


async def test_an_event_that_cannot_be_published_turns_readiness_red_by_its_age(
    link: Link, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    limits = OutboxLimits(unpublished=timedelta(milliseconds=100))
    relay = Relay("dispatcher", database.service_urls["dispatcher"], Producer(NOBODY, "test-limits"), limits)
    await relay.start()
    monkeypatch.setattr("tests.integration.chassis.write_path.NOW", datetime.now(UTC))
    waiting = spoken(1)
    await append(link, waiting)
    relay.offer(waiting)
    await until_unready(relay, "to be published")
    assert relay.oldest_seconds() > 0.1
    await relay.stop()


async def test_what_is_read_back_is_bounded_in_bytes_and_comes_in_order_and_whole(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = spoken(20)
    for place in range(0, 20, 2):
        await append(link, entries[place : place + 2])
    monkeypatch.setattr(table_module, "READ_BACK_BYTES", 3 * len(entries[0].raw))
    table = OutboxTable("dispatcher", link)
    found: list[Entry] = []
    more, looks = True, 0
    while more:
        rows, more = await table.unpublished(entries[0].shard)
        assert [len(row) for row in rows] in ([2, 2], [])
        found += [entry for row in rows for entry in row]
        table.forget([row[0] for row in rows])
        looks += 1
    assert [entry.event.id for entry in found] == [entry.event.id for entry in entries]
    assert looks >= 5


async def test_an_event_larger_than_what_is_read_back_at_once_is_read_back_alone(
    link: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    entries = spoken(2)
    for entry in entries:
        await append(link, [entry])
    monkeypatch.setattr(table_module, "READ_BACK_BYTES", 1)
    rows, more = await OutboxTable("dispatcher", link).unpublished(entries[0].shard)
    assert ([[entry.event.id for entry in row] for row in rows], more) == ([[entries[0].event.id]], True)


async def test_a_query_that_finds_no_connection_is_refused_and_the_pool_lives_on(
    database: Database,
) -> None:
    reads = Reads(database.url, "test-limits", size=1, within=timedelta(milliseconds=50), most_waiting=1)
    await reads.start()
    async with reads._connection():
        waiting = asyncio.create_task(reads.rows("SELECT 1"))
        await asyncio.sleep(0)
        with pytest.raises(Overloaded, match="at most 1 queries"):
            await reads.rows("SELECT 1")
        with pytest.raises(Overloaded, match="a connection of test-limits within"):
            await waiting
    assert reads.waiting == 0
    assert len(await reads.rows("SELECT 1")) == 1
    await reads.stop()
