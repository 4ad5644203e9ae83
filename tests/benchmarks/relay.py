"""The relay's hot path: from events that were just committed to their acknowledgement and the end of their outbox rows.

Shards as the relay runs them, on a database and a topic of the benchmark's own, so that no service hears what is sent.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

from deploy.local.servers import LocalServers
from libs.chassis.bus.producer import Producer
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from libs.chassis.ids import new_id
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import SHARDS, Context, Entry, entries
from libs.chassis.outbox.backlog import DEFAULT_LIMITS, Backlog
from libs.chassis.outbox.shard_relay import ShardRelay
from libs.chassis.outbox.table import OutboxTable
from libs.contracts.events.engine import StepStarted
from libs.contracts.topics import Topic
from tests.benchmarks.collector import settled_memory
from tests.benchmarks.raw import TIMES, scratch
from tests.benchmarks.rows import Row, cost, row
from tests.benchmarks.theme import Round, Samples, Theme

EVENTS = 20_000
COMMIT = 1_000
PER_STREAM = 4
P50_TARGET_MS = 3.0
RATIO_TARGET = 0.4
"""Of raw produce."""


async def measure(round_: Round) -> Mapping[str, float]:
    """Milliseconds from the commit's answer to the acknowledgement, alone; events per second from a full memory."""
    await round_.limit("produce")
    await round_.limit("produce alone")
    async with _shards(round_.stage.stack.servers) as shards:
        idle = [await shards.one() for _ in range(TIMES)]
        with settled_memory():
            rate = await shards.many(round_.sized(EVENTS))
    round_.tell(f"  relay: {median(idle):.2f} ms alone, {rate:.0f} events/s")
    return {"relay idle": median(idle), "relay rate": rate}


def rows(samples: Samples) -> Sequence[Row]:
    idle, rate = samples["relay idle"], samples["relay rate"]
    return [
        cost(
            "relay: committed → on the topic, idle (raw: produce alone)",
            "ms p50",
            idle,
            raw=samples["produce alone"],
            target=P50_TARGET_MS,
        ),
        row("relay under load (raw: produce)", "events/s", rate, raw=samples["produce"], ratio_target=RATIO_TARGET),
    ]


@dataclass(frozen=True, slots=True)
class _Shards:
    """All shards of one service, running."""

    link: Link
    table: OutboxTable
    backlog: Backlog
    relays: Sequence[ShardRelay]
    topic: Topic

    async def one(self) -> float:
        """Milliseconds of one event alone."""
        appended = self._said(1)
        await commit(self.link, [], appended)
        began = perf_counter()
        await self._relayed(appended)
        return (perf_counter() - began) * 1_000

    async def many(self, count: int) -> float:
        """Events per second, until all are on the topic; their outbox rows go meanwhile."""
        appended = self._said(count)
        for first in range(0, len(appended), COMMIT):
            await commit(self.link, [], appended[first : first + COMMIT])
        began = perf_counter()
        await self._relayed(appended)
        elapsed = perf_counter() - began
        await self.table.flush()
        if await self.link.rows("SELECT 1 FROM outbox LIMIT 1"):
            raise RuntimeError("expected an empty outbox, but there are rows that were not forgotten")
        return len(appended) / elapsed

    async def _relayed(self, appended: Sequence[Entry]) -> None:
        """Each shard is done with its last one, because it keeps the order."""
        lasts = {one.shard: one for one in appended}
        futures = [self.relays[shard].watch(last.event.id) for shard, last in lasts.items()]
        self.backlog.added(len(appended))
        for first in range(0, len(appended), COMMIT):
            committed = appended[first : first + COMMIT]
            for shard, relay in enumerate(self.relays):
                if same := [one for one in committed if one.shard == shard]:
                    relay.offer(same)
        await asyncio.gather(*futures)

    def _said(self, count: int) -> list[Entry]:
        """Events of many runs, as an engine says them, placed on the topic of the benchmark."""
        now, said = datetime.now(UTC), list[Entry]()
        while len(said) < count:
            run_id, more = new_id("run"), min(PER_STREAM, count - len(said))
            step = StepStarted(path="main", step="s", invocation_id=new_id("job"), claimed_by="bench", claimed_at=now)
            said += entries(Context("engine", "default", now), run_id, 0, run_id, [step] * more)
        return [replace(one, topic=self.topic) for one in said]


@asynccontextmanager
async def _shards(servers: LocalServers) -> AsyncIterator[_Shards]:
    """On a fresh database, for this block. Their first look at the outbox finds nothing, and there is no other."""
    database, topic = await servers.create_database(), await scratch(servers, "bench.relay", SHARDS)
    link = Link(database.service_urls["engine"], "bench-relay")
    await migrate(link, "services.engine.migrations")
    table = OutboxTable("engine", Link(database.service_urls["engine"], "bench-outbox"))
    producer = Producer(servers.kafka_bootstrap, "bench-relay")
    await producer.start()
    backlog = Backlog(DEFAULT_LIMITS.events)
    relays = [ShardRelay(shard, producer, table, backlog) for shard in range(SHARDS)]
    for relay in relays:
        relay.hint()
    tasks = [asyncio.create_task(loop) for loop in (table.run(), *(relay.run() for relay in relays))]
    try:
        while not all(relay.idle for relay in relays):
            await asyncio.sleep(0.01)
        yield _Shards(link, table, backlog, relays, topic)
    finally:
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
        await producer.stop()
        await table.close()
        await link.close()
        await servers.drop_database(database)


THEME = Theme("relay", measure, rows)
