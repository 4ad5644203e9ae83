"""The relay of one shard: sends what was offered, reads back what is missing, forgets what was acknowledged."""

import asyncio
from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

import structlog

from libs.chassis.bus.producer import Message, Producer, PublishFailed
from libs.chassis.db.errors import Unavailable
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Entry
from libs.chassis.outbox.backlog import Backlog
from libs.chassis.outbox.sequencer import Sequencer
from libs.chassis.outbox.table import OutboxTable

MOST_PER_CYCLE = 2_000
MOST_OFFERED = 20_000
MOST_OFFERED_BYTES = 16 * 1024 * 1024
RETRY_DELAY = timedelta(milliseconds=250)

log = structlog.get_logger(__name__)


class ShardRelay:
    """Runs while this process owns the shard. `offer` may be called at any time; `waiting` is what is not out yet."""

    def __init__(self, shard: int, producer: Producer, table: OutboxTable, backlog: Backlog) -> None:
        self.shard = shard
        self._producer = producer
        self._table = table
        self._backlog = backlog
        self._sequencer = Sequencer()
        self._offered: list[Sequence[Entry]] = []
        self._offered_events = 0
        self._offered_bytes = 0
        self._in_hand: Sequence[Entry] = ()
        self._stuck_since: datetime | None = None
        self._wake = asyncio.Event()
        self._read_back = True
        self._busy = False
        self._watchers: dict[str, asyncio.Future[None]] = {}

    def offer(self, entries: Sequence[Entry]) -> None:
        """What one statement just committed for this shard. Too much waiting in memory: it is read back later."""
        events, size = self._offered_events + len(entries), self._offered_bytes + _size(entries)
        if events > MOST_OFFERED or size > MOST_OFFERED_BYTES:
            self._read_back = True
        else:
            self._offered.append(entries)
            self._offered_events, self._offered_bytes = events, size
        self._wake.set()

    def hint(self) -> None:
        """The outbox may hold what was never offered here."""
        self._read_back = True
        self._wake.set()

    def watch(self, event_id: str) -> "asyncio.Future[None]":
        """Done when the event is on its topic."""
        return self._watchers.setdefault(event_id, asyncio.get_running_loop().create_future())

    @property
    def idle(self) -> bool:
        return not (self._offered or self._read_back or self._busy)

    @property
    def waiting_since(self) -> datetime | None:
        """When the oldest event was said that is in hand and not out yet."""
        said = [entry.event.time for entry in (*self._in_hand, *(group[0] for group in self._offered[:1]))]
        return min([*said, *([self._stuck_since] if self._stuck_since else [])], default=None)

    async def run(self) -> None:
        """Publishes until cancelled."""
        while True:
            await self._wake.wait()
            self._wake.clear()
            try:
                await self._publish_waiting()
            except (PublishFailed, Unavailable) as error:
                log.warning("relay_waits", shard=self.shard, error=str(error))
                self._stuck_since = self.waiting_since or datetime.now(UTC)
                self.hint()
                await asyncio.sleep(RETRY_DELAY.total_seconds())

    async def _publish_waiting(self) -> None:
        while self._offered or self._read_back:
            self._busy = True
            try:
                self._in_hand, done = await self._next()
                entries = self._in_hand
                await self._send(entries)
                assert reached("outbox_published")
            finally:
                self._busy = False
            self._in_hand = ()
            self._sequencer.published(entries)
            self._table.forget(done)
            self._backlog.published(len(entries))
            self._tell(entries)
        self._stuck_since = None

    async def _next(self) -> tuple[list[Entry], list[Entry]]:
        """What goes out now, and the first entries of the outbox rows that are out with it."""
        if self._read_back:
            return await self._missed()
        offered = self._take()
        ready, self._read_back = self._sequencer.admit(entry for group in offered for entry in group)
        return ready, [] if self._read_back else [group[0] for group in offered]

    async def _missed(self) -> tuple[list[Entry], list[Entry]]:
        await self._producer.open()  # nothing is read back again and again for a broker that is away
        self._offered, self._offered_events, self._offered_bytes = [], 0, 0
        self._read_back = False
        rows, more = await self._table.unpublished(self.shard)
        self._read_back = self._read_back or more
        return self._sequencer.trust(entry for row in rows for entry in row), [row[0] for row in rows]

    def _take(self) -> list[Sequence[Entry]]:
        """The next that were offered, about as many events as one cycle may have."""
        taken, events = 0, 0
        while taken < len(self._offered) and events < MOST_PER_CYCLE:
            events += len(self._offered[taken])
            taken += 1
        offered, self._offered = self._offered[:taken], self._offered[taken:]
        self._offered_events -= events
        self._offered_bytes -= sum(map(_size, offered))
        return offered

    async def _send(self, entries: Sequence[Entry]) -> None:
        by_place: dict[tuple[str, int], list[Entry]] = {}
        for entry in entries:
            by_place.setdefault((entry.topic.name, entry.partition), []).append(entry)
        for (_, partition), same in by_place.items():
            await self._producer.publish(same[0].topic, partition, [_message(entry) for entry in same])

    def _tell(self, entries: Sequence[Entry]) -> None:
        if not self._watchers:
            return
        for entry in entries:
            watcher = self._watchers.pop(entry.event.id, None)
            if watcher is not None and not watcher.done():
                watcher.set_result(None)


def _size(entries: Sequence[Entry]) -> int:
    return sum(len(entry.raw) for entry in entries)


def _message(entry: Entry) -> Message:
    return Message(entry.event.partitionkey.encode(), entry.raw)
