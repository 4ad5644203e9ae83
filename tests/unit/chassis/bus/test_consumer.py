"""What a consumer does about batches that went stale in its hands, and about places that it cannot find out at once."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import cast

import pytest
from aiokafka import TopicPartition

from libs.chassis.bus import handling
from libs.chassis.bus import source as source_module
from libs.chassis.bus.batch import Effects, Heard, Record
from libs.chassis.bus.consumer import Consumer
from libs.chassis.bus.positions import Place
from libs.chassis.bus.source import Source
from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link, Row
from libs.chassis.outbox.relay import Relay
from tests.integration.chassis.write_path import claimed, said

TOPIC = "mobius.dispatcher-events.v1"
PLACE = (TOPIC, 0)


class Database:
    """A link that counts what it is asked to write."""

    def __init__(self) -> None:
        self.writes = 0

    async def rows(self, sql: str, *_args: object) -> list[Row]:
        self.writes += "advanced" in sql
        return []

    async def close(self) -> None:
        pass


class Publishing:
    """A relay that nobody listens to."""

    def __init__(self) -> None:
        self.has_room = asyncio.Event()

    def offer(self, _entries: object) -> None:
        pass

    async def room(self) -> None:
        await self.has_room.wait()


class Hearing:
    """A handler that counts the conflicts that it is told of."""

    def __init__(self) -> None:
        self.conflicts = 0

    async def __call__(self, _heard: Sequence[Heard]) -> Effects:
        return Effects(conflicted=self._conflicted)

    def _conflicted(self) -> None:
        self.conflicts += 1


def records(*offsets: int) -> list[Record]:
    """Records of one stream, as good ones as can be."""
    raws = [entry.raw for entry in said("run_1", 0, [claimed("run_1", number) for number, _ in enumerate(offsets, 1)])]
    return [Record(TOPIC, 0, offset, 0, b"key", raw) for offset, raw in zip(offsets, raws, strict=True)]


@asynccontextmanager
async def consuming(database: Database, hearing: Hearing) -> AsyncIterator[Consumer]:
    link, relay = cast(Link, database), cast(Relay, Publishing())
    consumer = Consumer("engine", "127.0.0.1:1", [TOPIC], link, relay, hearing)
    yield consumer
    await consumer.stop()


async def test_a_batch_whose_partition_went_on_elsewhere_and_came_back_is_not_applied() -> None:
    database, hearing = Database(), Hearing()
    async with consuming(database, hearing) as consumer:
        consumer._source.positions[PLACE] = 20
        with pytest.raises(Unavailable):
            await consumer._consume(records(10, 11))
    assert (database.writes, hearing.conflicts) == (0, 1)


async def test_a_batch_at_its_position_moves_it_behind_its_last_record() -> None:
    database, hearing = Database(), Hearing()
    async with consuming(database, hearing) as consumer:
        consumer._source.positions[PLACE] = 10
        await consumer._consume(records(10, 14))
        assert consumer._source.positions[PLACE] == 15
    assert (database.writes, hearing.conflicts) == (1, 0)


class TakenOver(Database):
    """A database in which somebody else has moved the position."""

    async def rows(self, sql: str, *args: object) -> list[Row]:
        if "advanced" in sql:
            raise Conflict("expected advanced to touch 1 rows, but it touched 0")
        return await super().rows(sql, *args)


class Failing(Hearing):
    """A handler with a bug."""

    async def __call__(self, _heard: Sequence[Heard]) -> Effects:
        raise RuntimeError("a bug")


async def test_who_fails_in_vain_while_its_partition_is_taken_over_leaves_it_to_the_other(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(handling, "RETRY_DELAY", timedelta(0))
    async with consuming(TakenOver(), Failing()) as consumer:
        consumer._source.positions[PLACE] = 10
        with pytest.raises(Unavailable):
            await consumer._consume(records(10))


class Stumbling(Hearing):
    """A handler that fails in these ways, one after the other."""

    def __init__(self, *errors: Exception) -> None:
        super().__init__()
        self.left = list(errors)

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        if self.left:
            raise self.left.pop(0)
        return await super().__call__(heard)


@pytest.mark.parametrize("before", [[], [RuntimeError("a bug")]], ids=["at once", "after a bug"])
async def test_what_is_away_is_waited_for_and_not_tried_again_at_once(
    monkeypatch: pytest.MonkeyPatch, before: list[Exception]
) -> None:
    monkeypatch.setattr(handling, "RETRY_DELAY", timedelta(0))
    database, hearing = Database(), Stumbling(*before, Unavailable("away"))
    async with consuming(database, hearing) as consumer:
        consumer._source.positions[PLACE] = 10
        with pytest.raises(Unavailable):
            await consumer._consume(records(10))
    assert (database.writes, hearing.left) == (0, [])


class Broker:
    """The client library, as far as an assignment needs it."""

    def __init__(self) -> None:
        self.sought: list[int] = []

    def assignment(self) -> set[TopicPartition]:
        return {TopicPartition(TOPIC, 0)}

    async def beginning_offsets(self, places: Sequence[TopicPartition]) -> Mapping[TopicPartition, int]:
        return dict.fromkeys(places, 3)

    def seek(self, _place: TopicPartition, offset: int) -> None:
        self.sought.append(offset)


async def test_a_database_that_is_away_at_the_assignment_is_waited_for(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(source_module, "RETRY_DELAY", timedelta(0))
    failures = [Unavailable("away"), Unavailable("still away")]

    async def locate(_places: Sequence[Place], first: Mapping[Place, int]) -> Mapping[Place, int]:
        if failures:
            raise failures.pop()
        return first

    source = Source("127.0.0.1:1", "group", [TOPIC], locate)
    await source.stop()
    broker = Broker()
    monkeypatch.setattr(source, "_consumer", broker)
    await source.on_partitions_assigned([TopicPartition(TOPIC, 0)])
    assert (broker.sought, source.positions, source.assigned.is_set()) == ([3], {PLACE: 3}, True)


async def test_who_stops_does_not_wait_long_for_a_coordinator_that_is_away(monkeypatch: pytest.MonkeyPatch) -> None:
    async def locate(_places: Sequence[Place], first: Mapping[Place, int]) -> Mapping[Place, int]:
        return first

    class Waiting:
        cancelled = False

        async def stop(self) -> None:
            try:
                await asyncio.Event().wait()
            except asyncio.CancelledError:
                self.cancelled = True
                raise

    monkeypatch.setattr(source_module, "LEAVE_WITHIN", timedelta(milliseconds=10))
    source, waiting = Source("127.0.0.1:1", "group", [TOPIC], locate), Waiting()
    await source.stop()
    monkeypatch.setattr(source, "_consumer", waiting)
    async with asyncio.timeout(2):
        await source.stop()
    assert waiting.cancelled


async def test_nothing_is_taken_while_what_it_causes_could_not_be_published(monkeypatch: pytest.MonkeyPatch) -> None:
    relay, taken = Publishing(), asyncio.Event()

    async def take(_most: int) -> list[Record]:
        taken.set()
        await asyncio.Event().wait()
        return []

    link = cast(Link, Database())
    consumer = Consumer("engine", "127.0.0.1:1", [TOPIC], link, cast(Relay, relay), Hearing())
    monkeypatch.setattr(consumer._source, "take", take)
    running = asyncio.create_task(consumer._run())
    for _ in range(10):
        await asyncio.sleep(0)
    assert not taken.is_set()
    relay.has_room.set()
    async with asyncio.timeout(5):
        await taken.wait()
    running.cancel()
    await asyncio.gather(running, return_exceptions=True)
    await consumer.stop()


class Remembering(Database):
    """A database that knows where the partition goes on; nothing is parked."""

    async def rows(self, sql: str, *_args: object) -> list[Row]:
        if "FROM positions" in sql:
            return [cast(Row, {"topic": TOPIC, "partition": 0, "next_offset": 7})]
        return []


async def test_a_partition_that_is_just_being_assigned_is_not_read_before_it_is_known_what_is_parked_in_it(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    async with consuming(Remembering(), Hearing()) as consumer:
        broker = Broker()
        with monkeypatch.context() as patched:
            patched.setattr(consumer._source, "_consumer", broker)
            await consumer._resume()
            assert (broker.sought, consumer._source.positions) == ([], {})
            consumer._source.positions[PLACE] = 9
            await consumer._resume()
            assert (broker.sought, consumer._source.positions) == ([7], {PLACE: 7})
