"""Records that nobody can handle, on the real broker: each becomes one dead letter, and the good ones go on."""

import asyncio
from base64 import b64decode
from collections.abc import AsyncIterator, Sequence
from datetime import timedelta

import pytest
from aiokafka import AIOKafkaProducer

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus import handling
from libs.chassis.bus.batch import NO_EFFECTS, Effects, Heard
from libs.chassis.bus.consumer import Consumer
from libs.chassis.db.link import Link
from libs.chassis.ids import new_id
from libs.contracts.events.shared import RecordDeadLettered
from libs.contracts.registry import decode
from tests.integration.chassis.write_path import claimed, migrated, relaying, said

TOPIC = "mobius.dispatcher-events.v1"
PARTITION = 0

GOOD = said("run_good", 0, [claimed("run_good", 1)])[0].raw
POISON: dict[str, tuple[bytes | None, str]] = {
    "null": (None, "undecodable"),
    "empty": (b"", "undecodable"),
    "not UTF-8": (b"\xff\xfe\xfd", "undecodable"),
    "broken JSON": (b'{"specversion": ', "undecodable"),
    "deep JSON": (b"[" * 50_000, "undecodable"),
    "NaN": (GOOD.replace(b'"attempt":1', b'"attempt":NaN'), "undecodable"),
    "1 MiB": (b'"' + b"x" * 1_000_000 + b'"', "undecodable"),
    "no envelope": (b"{}", "invalid_envelope"),
    "unknown type": (GOOD.replace(b"job.claimed", b"job.dreamt"), "unknown_type"),
    "future version": (GOOD.replace(b"urn:mobius:job.claimed:1", b"urn:mobius:job.claimed:99"), "unknown_version"),
    "missing field": (GOOD.replace(b'"step":"s",', b""), "invalid_data"),
    "wrong type": (GOOD.replace(b'"attempt":1', b'"attempt":"1"'), "invalid_data"),
}


class Hearing:
    """Keeps what it hears of one stream; may be told to fail at a record of another."""

    def __init__(self, stream: str, failing: tuple[str, int] | None = None) -> None:
        self.stream = stream
        self.heard: list[int] = []
        self._failing = failing

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        fresh = [item.event.sequence for item in heard if item.event.subject == self.stream]
        if self._failing in [(item.event.subject, item.event.sequence) for item in heard]:
            raise RuntimeError("a bug in the handler")
        return Effects(committed=lambda: self.heard.extend(fresh)) if fresh else NO_EFFECTS


@pytest.fixture
async def engine(servers: LocalServers, database: Database) -> AsyncIterator[Link]:
    await servers.create_topics()
    await (await migrated(database, "dispatcher", "services.dispatcher.migrations")).close()
    link = await migrated(database, "engine", "services.dispatcher.migrations")
    yield link
    await link.close()


async def produce(servers: LocalServers, values: Sequence[bytes | None], headers: Sequence[tuple[str, bytes]]) -> None:
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap, max_request_size=3_000_000)
    await producer.start()
    try:
        for value in values:
            await producer.send_and_wait(TOPIC, value, key=b"key", partition=PARTITION, headers=list(headers))
    finally:
        await producer.stop()


async def heard_until(servers: LocalServers, database: Database, link: Link, hearing: Hearing, count: int) -> None:
    """Runs a consumer of the engine until it heard `count` events of the stream."""
    async with relaying(servers, database) as relay:
        own = Link(database.service_urls["engine"], "test-consumer")
        consumer = Consumer("engine", servers.kafka_bootstrap, [TOPIC], own, relay, hearing)
        await consumer.start()
        async with asyncio.timeout(30):
            while len(hearing.heard) < count:
                await asyncio.sleep(0.02)
        await consumer.stop()


async def letters(link: Link, stream: str) -> list[RecordDeadLettered]:
    """The dead letters among the records that a test's stream made, in the order of their offsets."""
    rows = await link.rows(
        "SELECT event FROM journal WHERE stream LIKE $1 ORDER BY length(stream), stream", f"{TOPIC}/%"
    )
    found = [decode(row["event"]).data for row in rows]
    mark = stream.encode()
    return [
        letter
        for letter in found
        if isinstance(letter, RecordDeadLettered) and any(mark in b64decode(value) for _, value in letter.headers)
    ]


async def test_each_poisonous_record_is_kept_once_and_the_good_ones_go_on(
    servers: LocalServers, database: Database, engine: Link
) -> None:
    stream = new_id("run")
    good = [entry.raw for entry in said(stream, 0, [claimed(stream, number) for number in range(1, len(POISON) + 2)])]
    mixed: list[bytes | None] = [good[0]]
    for raw, (poison, _) in zip(good[1:], POISON.values(), strict=True):
        mixed += [poison, raw]
    await produce(servers, mixed, [("mark", stream.encode()), ("not-utf8", b"\xff\xfe")])
    hearing = Hearing(stream)
    await heard_until(servers, database, engine, hearing, len(good))
    assert hearing.heard == list(range(1, len(good) + 1))
    kept = await letters(engine, stream)
    assert [letter.reason for letter in kept] == [reason for _, reason in POISON.values()]
    for letter, (poison, _) in zip(kept, POISON.values(), strict=True):
        assert (None if letter.value_b64 is None else b64decode(letter.value_b64)) == poison


async def test_a_record_that_the_handler_cannot_handle_is_set_aside_and_its_stream_parked(
    servers: LocalServers, database: Database, engine: Link, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(handling, "RETRY_DELAY", timedelta(milliseconds=1))
    stream, other = new_id("run"), new_id("run")
    bad = [entry.raw for entry in said(stream, 0, [claimed(stream, number) for number in range(1, 6)])]
    good = [entry.raw for entry in said(other, 0, [claimed(other, number) for number in range(1, 6)])]
    await produce(servers, [raw for pair in zip(bad, good, strict=True) for raw in pair], [("mark", stream.encode())])
    hearing = Hearing(other, failing=(stream, 3))
    await heard_until(servers, database, engine, hearing, 5)
    assert hearing.heard == [1, 2, 3, 4, 5]
    kept = await engine.rows("SELECT sequence FROM kept_records WHERE stream = $1 ORDER BY sequence", stream)
    assert [row["sequence"] for row in kept] == [3, 4, 5]
    [letter] = await letters(engine, stream)
    assert (letter.reason, letter.tries) == ("handler_failed", 5)
