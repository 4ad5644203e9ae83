"""The audit: from records on a topic to rows of its log, beside bare inserts of the same rows."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import UTC, datetime
from time import perf_counter

import asyncpg

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.batch import Effects, Heard
from libs.chassis.bus.consumer import MOST_RECORDS, Consumer
from libs.chassis.bus.producer import Message, Producer
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import SHARDS, Context, Entry, entry
from libs.chassis.outbox.relay import Relay
from libs.contracts.events.dispatcher import JobCompleted
from services.audit.consumers import Hearing
from services.audit.domain.invocations import invocation_from
from services.audit.settings import AuditSettings
from services.audit.store.projection import log_parts
from tests.benchmarks.collector import settled_memory
from tests.benchmarks.raw import scratch
from tests.benchmarks.rows import Row, row
from tests.benchmarks.theme import Round, Samples, Theme

RECORDS = 10_000
RATIO_TARGET = 0.5
SUMMARY_BYTES = AuditSettings.model_fields["summary_bytes"].default


async def measure(round_: Round) -> Mapping[str, float]:
    """Rows per second, ours and raw."""
    servers = round_.stage.stack.servers
    database, said = await servers.create_database(), _said(round_.sized(RECORDS))
    try:
        with settled_memory():
            ours = await _heard(servers, database, said)
            raw = await _inserted(database, said)
    finally:
        await servers.drop_database(database)
    round_.tell(f"  audit: {ours:.0f} rows/s beside {raw:.0f} raw")
    return {"audit": ours, "raw audit": raw}


def rows(samples: Samples) -> Sequence[Row]:
    title = "audit: topic → row (raw: unnest inserts of 500)"
    return [row(title, "rows/s", samples["audit"], raw=samples["raw audit"], ratio_target=RATIO_TARGET)]


class Counted:
    """The audit's handler. Its clock runs from the first commit, which ends the joining of the group, to the last."""

    def __init__(self, expected: int) -> None:
        self._all_there = asyncio.Event()
        self._handle = Hearing(SUMMARY_BYTES)
        self._left = expected
        self._first: tuple[float, int] | None = None

    async def rate(self) -> float:
        """Rows per second, when all are there."""
        await asyncio.wait_for(self._all_there.wait(), 60)
        assert self._first is not None
        began, rows = self._first
        return rows / (perf_counter() - began)

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        effects = await self._handle(heard)
        return replace(effects, committed=lambda: self._committed(len(heard)))

    def _committed(self, count: int) -> None:
        self._left -= count
        if self._first is None:
            self._first = perf_counter(), self._left
        if self._left <= 0:
            self._all_there.set()


async def _heard(servers: LocalServers, database: Database, said: Sequence[Entry]) -> float:
    """Fills a topic of the benchmark's own, then lets the audit's consumer loop take all of it."""
    url, group = database.service_urls["audit"], new_id("bench").replace("_", "-")
    topic = await scratch(servers, group, SHARDS)
    link = Link(url, "bench-audit")
    await migrate(link, "services.audit.migrations")
    producer = Producer(servers.kafka_bootstrap, group)
    for partition in range(SHARDS):
        same = [Message(one.event.partitionkey.encode(), one.raw) for one in said if one.partition == partition]
        await producer.publish(topic, partition, same)
    handler, relay = Counted(len(said)), Relay("audit", url, producer)  # nothing is said, so it is never started
    consumer = Consumer(group, servers.kafka_bootstrap, [topic.name], link, relay, handler)
    await consumer.start()
    try:
        return await handler.rate()
    finally:
        await consumer.stop()
        await producer.stop()


async def _inserted(database: Database, said: Sequence[Entry]) -> float:
    """The same rows once more, from memory, on a plain connection, in batches as large as the consumer's."""
    connection = await asyncpg.connect(database.service_urls["audit"], server_settings={"jit": "off"})
    try:
        await connection.execute("TRUNCATE invocations")
        found = [one for entry in said if (one := invocation_from(entry.event, SUMMARY_BYTES)) is not None]
        parts = [log_parts(found[first : first + MOST_RECORDS])[0] for first in range(0, len(found), MOST_RECORDS)]
        insert = await connection.prepare(parts[0].sql.partition("RETURNING")[0])
        began = perf_counter()
        for part in parts:
            await insert.fetch(*part.args)
        return len(found) / (perf_counter() - began)
    finally:
        await connection.close()


def _said(count: int) -> list[Entry]:
    """What a dispatcher says of jobs that were done."""
    return [_completed(datetime.now(UTC)) for _ in range(count)]


def _completed(now: datetime) -> Entry:
    run_id, job_id = new_id("run"), new_id("job")
    payload = JobCompleted(
        invocation_id=job_id,
        run_id=run_id,
        workflow_name="bench",
        path="main",
        step="bench-a",
        action="bench-a",
        queue="default",
        attempt=1,
        kind="worker",
        parameters={"n": 1},
        claimed_by="bench-1",
        scheduled_at=now,
        claimed_at=now,
        result={"ok": True},
    )
    return entry(Context("dispatcher", "default", now), job_id, 1, run_id, payload)


THEME = Theme("audit", measure, rows)
