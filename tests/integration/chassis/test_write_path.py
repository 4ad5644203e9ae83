"""Journal → outbox → relay → topic → consumer → database, on the real parts."""

import asyncio
from collections.abc import Callable, Sequence
from datetime import timedelta
from typing import cast

import pytest

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.batch import Effects, Heard
from libs.chassis.bus.consumer import Consumer
from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.ids import new_id
from libs.contracts.events.dispatcher import JobClaimed
from libs.contracts.topics import heard_by
from tests.integration.chassis.write_path import append, claimed, migrated, relaying, said

MIGRATIONS = "services.dispatcher.migrations"


async def until(condition: Callable[[], bool], within: float = 20) -> None:
    async with asyncio.timeout(within):
        while not condition():
            await asyncio.sleep(0.01)


class Hearing:
    """A handler that keeps what it heard of the runs it was asked to watch."""

    def __init__(self, watched: Sequence[str]) -> None:
        self.heard: dict[str, list[int]] = {run_id: [] for run_id in watched}

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        fresh = [cast(JobClaimed, item.event.data) for item in heard if item.event.subject in self.heard]
        return Effects(committed=lambda: self._keep(fresh))

    def _keep(self, fresh: Sequence[JobClaimed]) -> None:
        for data in fresh:
            self.heard[data.run_id].append(data.attempt)


@pytest.fixture
async def link(servers: LocalServers, database: Database) -> Link:
    await servers.create_topics()
    return await migrated(database, "dispatcher", MIGRATIONS)


async def test_offered_events_reach_the_topic_and_leave_the_outbox(
    servers: LocalServers, database: Database, link: Link
) -> None:
    stream = new_id("run")
    async with relaying(servers, database) as relay:
        await until(lambda: len(relay.owned) == 4)
        appended = said(stream, 0, [claimed(stream, number) for number in range(1, 4)])
        await append(link, appended)
        assert await relay.published(appended, timedelta(seconds=10))
    rows = await link.rows("SELECT count(*) AS left FROM outbox")
    assert rows[0]["left"] == 0
    await link.close()


async def test_events_of_another_process_are_read_back_in_order(
    servers: LocalServers, database: Database, link: Link
) -> None:
    streams = [new_id("run") for _ in range(20)]
    for number in range(1, 6):
        await append(link, [item for stream in streams for item in said(stream, number - 1, [claimed(stream, number)])])
    hearing = Hearing(streams)
    engine = await migrated(database, "engine", MIGRATIONS)
    async with relaying(servers, database) as relay:
        consumer = Consumer(
            "engine", servers.kafka_bootstrap, [topic.name for topic in heard_by("engine")], engine, relay, hearing
        )
        await consumer.start()
        await until(lambda: all(len(numbers) == 5 for numbers in hearing.heard.values()))
        await consumer.stop()
    assert all(numbers == [1, 2, 3, 4, 5] for numbers in hearing.heard.values())
    await link.close()


async def test_a_taken_sequence_is_a_conflict_and_writes_nothing(database: Database, link: Link) -> None:
    stream = new_id("run")
    await append(link, said(stream, 0, [claimed(stream, 1)]))
    await link.rows("DELETE FROM outbox")  # it is published, so that only the journal knows of it
    with pytest.raises(Conflict):
        await append(link, said(stream, 0, [claimed(stream, 1), claimed(stream, 2)]))
    rows = await link.rows("SELECT count(*) AS kept FROM journal WHERE stream = $1", stream)
    assert rows[0]["kept"] == 1
    await link.close()
