"""The relay of a service: elects one owner per shard and feeds the shards that this process owns.

The election is a session lock in the database. A process that is paused longer than the session may idle loses its
locks; what it sends late are duplicates in order, which subscribers drop by `id`.
"""

import asyncio
from collections.abc import Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta

import structlog

from libs.chassis.bus.producer import Producer
from libs.chassis.db.errors import Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.journal.entry import SHARDS, Entry
from libs.chassis.loops.background import background
from libs.chassis.outbox.backlog import DEFAULT_LIMITS, Backlog, OutboxLimits
from libs.chassis.outbox.shard_relay import ShardRelay
from libs.chassis.outbox.table import OutboxTable

QUERIES = load_queries(__package__)
FLOOR = timedelta(seconds=1)
LOOKS_PER_SWEEP = 10
"""A busy shard is left alone by the floor, but not for ever: what nobody offered must not wait for a quiet moment."""
SESSION_MAY_IDLE = timedelta(seconds=10)
TABLE_TURN_WITHIN = timedelta(seconds=30)
"""The shards share a connection, and nobody over HTTP waits for one of them."""
CHANNEL = "outbox_waiting"

log = structlog.get_logger(__name__)


class Relay:
    """Component. `offer` takes what was just committed; whoever owns the shard publishes it."""

    def __init__(
        self, service: str, postgres_url: str, producer: Producer, limits: OutboxLimits = DEFAULT_LIMITS
    ) -> None:
        self._service = service
        self._limits = limits
        self.backlog = Backlog(limits.events)
        self._producer = producer
        idle = {"idle_session_timeout": str(int(SESSION_MAY_IDLE.total_seconds() * 1000))}
        self._election = Link(postgres_url, f"{service}-relay-election", settings=idle)
        self._shards: dict[int, ShardRelay] = {}
        self._tasks: dict[int, asyncio.Task[None]] = {}
        self._table = OutboxTable(service, Link(postgres_url, f"{service}-outbox", turn_within=TABLE_TURN_WITHIN))
        self._trimmer: asyncio.Task[None] | None = None
        self._foreign: set[int] = set()
        self._supervisor: asyncio.Task[None] | None = None
        self._wake = asyncio.Event()
        self._elected = False
        self._reached_at = 0.0
        self._looks = 0

    async def start(self) -> None:
        self._supervisor = background(self._supervise(), "outbox-relay")
        self._trimmer = background(self._table.run(), "outbox-trimmer")

    async def stop(self) -> None:
        """Publishes what is waiting, within a few seconds, then lets the shards go."""
        for _ in range(100):
            if all(shard.idle for shard in self._shards.values()):
                break
            await asyncio.sleep(0.05)
        loops = [task for task in (self._supervisor, self._trimmer) if task is not None]
        for task in loops:
            task.cancel()
        await asyncio.gather(*loops, return_exceptions=True)
        await self._let_go()
        with suppress(Unavailable):
            await self._table.flush()
        await self._table.close()
        await self._election.close()

    def ready(self) -> str | None:
        """A broker that is away does not count at once: what is written meanwhile waits in the outbox."""
        if not self._elected:
            return "the relay has not reached the database"
        silence = timedelta(seconds=asyncio.get_running_loop().time() - self._reached_at)
        if silence > self._limits.silence:
            return f"the database has not answered for {silence.total_seconds():.0f} s"
        if self.backlog.is_full:
            return f"{self.backlog.events} events wait to be published, of at most {self.backlog.most}"
        if (age := self.oldest_seconds()) > self._limits.unpublished.total_seconds():
            return f"an event has waited for {age:.0f} s to be published"
        return None

    def oldest_seconds(self) -> float:
        """Age of the oldest event that this process has in hand and is not rid of; zero where there is none."""
        since = [said for shard in self._shards.values() if (said := shard.waiting_since) is not None]
        return max(0.0, (datetime.now(UTC) - min(since)).total_seconds()) if since else 0.0

    def ensure_room(self) -> None:
        """To be asked before something is committed that will have to be published. Raises `OutboxFull`."""
        self.backlog.ensure_room()

    async def room(self) -> None:
        """Waits until an event more may wait."""
        await self.backlog.room.wait()

    @property
    def owned(self) -> frozenset[int]:
        return frozenset(self._shards)

    def offer(self, entries: Sequence[Entry]) -> None:
        """Hands over committed events. Never blocks: those of other owners' shards become a coalesced hint."""
        self.backlog.added(len(entries))
        by_shard: dict[int, list[Entry]] = {}
        for entry in entries:
            by_shard.setdefault(entry.shard, []).append(entry)
        for shard, same in by_shard.items():
            if shard in self._shards:
                self._shards[shard].offer(same)
            else:
                self._foreign.add(shard)
                self._wake.set()

    async def published(self, entries: Sequence[Entry], within: timedelta) -> bool:
        """Waits until the events are on their topics; False when that took too long or another replica does it."""
        owned = [entry for entry in entries if entry.shard in self._shards]
        futures = [self._shards[entry.shard].watch(entry.event.id) for entry in owned]
        self.offer(entries)
        if futures:
            await asyncio.wait(futures, timeout=within.total_seconds())
        return len(owned) == len(entries) and all(future.done() for future in futures)

    async def _supervise(self) -> None:
        while True:
            try:
                await self._keep_house()
            except Unavailable as error:
                log.warning("relay_lost_database", error=str(error))
                await self._let_go()
                self._elected = False
            with suppress(TimeoutError):
                await asyncio.wait_for(self._wake.wait(), FLOOR.total_seconds())
            self._wake.clear()

    async def _keep_house(self) -> None:
        if self._election.broken:
            await self._let_go()
            await self._election.listen(CHANNEL, self._hear)
        for shard in range(SHARDS):
            if shard not in self._shards:
                row = await self._election.row(QUERIES["try_own_shard"], f"{self._service}-relay", shard)
                if row is not None and row["owned"]:
                    self._take(shard)
        await self._table.flush()
        rows = await self._election.rows(QUERIES["count_unpublished"], list(range(SHARDS)), self._limits.events)
        self._elected = True
        self._reached_at = asyncio.get_running_loop().time()
        await self._tell_owners()
        self._look({row["shard"]: row["events"] for row in rows})

    def _look(self, waiting: Mapping[int, int]) -> None:
        """The floor: events that wait although nobody offered them, by shard."""
        self._looks += 1
        self.backlog.counted(sum(waiting.values()))
        for shard in waiting.keys() & self._shards.keys():
            if self._shards[shard].idle or self._looks % LOOKS_PER_SWEEP == 0:
                self._shards[shard].hint()

    async def _tell_owners(self) -> None:
        """A hint that was not sent is kept for the next time."""
        for shard in list(self._foreign):
            if shard not in self._shards:
                await self._election.rows("SELECT pg_notify($1, $2)", CHANNEL, f"{self._service}/{shard}")
            self._foreign.discard(shard)

    def _hear(self, payload: str) -> None:
        service, _, shard = payload.partition("/")
        if service == self._service and shard.isdigit() and int(shard) in self._shards:
            self._shards[int(shard)].hint()

    def _take(self, shard: int) -> None:
        self._shards[shard] = ShardRelay(shard, self._producer, self._table, self.backlog)
        self._shards[shard].hint()
        self._tasks[shard] = background(self._shards[shard].run(), f"relay-shard-{shard}")

    async def _let_go(self) -> None:
        tasks = list(self._tasks.values())
        self._shards, self._tasks = {}, {}
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)
