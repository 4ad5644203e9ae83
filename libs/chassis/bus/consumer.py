"""The consumer loop: take a batch, decode, let the handler decide, commit everything in one statement.

What was consumed, what it caused and the new position stand or fall together. A record that cannot be decoded becomes a
dead letter in the same statement. A batch that fails is handled record by record; the one record that fails again and
again becomes a dead letter, and its stream is parked: what follows of it is kept, in order, until somebody lets it go
on, while all others go on. So is a stream with a gap, until the missing record comes. A database or broker that is away
is waited for; nothing is given up for that.
"""

import asyncio
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import timedelta

import structlog
from aiokafka.errors import KafkaError
from prometheus_client import CollectorRegistry

from libs.chassis.bus.batch import NO_EFFECTS, Effects, Record
from libs.chassis.bus.consumer_metrics import ConsumerMetrics
from libs.chassis.bus.decoding import decode_all
from libs.chassis.bus.handling import TRIES, Handler, Handling, pause_after, sentence
from libs.chassis.bus.ledger import Ledger
from libs.chassis.bus.lookback import without_gap
from libs.chassis.bus.parking import read_parked
from libs.chassis.bus.plan import Plan, SetAside
from libs.chassis.bus.positions import Place, advance_part, read_positions, seed_position
from libs.chassis.bus.resumer import Resumer
from libs.chassis.bus.source import Source
from libs.chassis.bus.streams import Streams
from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.failpoints import reached
from libs.chassis.loops.background import background
from libs.chassis.outbox.relay import Relay
from libs.chassis.settings import ServiceSettings

MOST_CONFLICTS = 50
RETRY_DELAY = timedelta(milliseconds=200)
MOST_RECORDS = 500

log = structlog.get_logger(__name__)


@dataclass(frozen=True, slots=True)
class ConsumerOptions:
    """`instance` is this replica's name in the group: one that comes back under its name goes on at once, where a
    nameless one that was killed keeps its successor waiting for the session timeout. `gather`: how long records may
    gather between two batches that are not full, where nobody waits for what comes of them."""

    instance: str | None = None
    handler_within: timedelta = timedelta(seconds=30)
    registry: CollectorRegistry = field(default_factory=CollectorRegistry)
    gather: timedelta = timedelta(0)

    @classmethod
    def of(cls, settings: ServiceSettings, registry: CollectorRegistry) -> "ConsumerOptions":
        return cls(settings.instance_id, timedelta(seconds=settings.handler_seconds), registry)


class Consumer:
    """Component. `handle` gets decoded events in order per partition and answers with their effects."""

    def __init__(
        self,
        service: str,
        bootstrap: str,
        topics: Sequence[str],
        link: Link,
        relay: Relay,
        handle: Handler,
        options: ConsumerOptions | None = None,
    ) -> None:
        options = options or ConsumerOptions()
        self._gather = options.gather.total_seconds()
        self._service = service
        self._bootstrap = bootstrap
        self._link = link
        self._relay = relay
        self.handling = Handling(handle, link, options.handler_within)
        self._streams = Streams()
        self._source = Source(bootstrap, f"mobius-{service}", topics, self._locate, options.instance)
        metrics = ConsumerMetrics(options.registry)
        metrics.watch(lambda: self._streams.parked_in(self._source.positions), self._source.lags)
        self._ledger = Ledger(service, link, relay, metrics)
        self._resumer = Resumer(link, self._ledger, self.handling, self._streams)
        self._task: asyncio.Task[None] | None = None

    async def start(self) -> None:
        await self._source.start()
        self._task = background(self._run(), f"{self._service}-consumer")

    async def stop(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._source.stop()
        await self._link.close()

    @property
    def task(self) -> "asyncio.Task[None] | None":
        return self._task

    @property
    def held(self) -> Collection[Place]:
        """The partitions that this replica consumes at present."""
        return self._source.positions.keys()

    def ready(self) -> str | None:
        return None if self._source.assigned.is_set() else "no partitions are assigned yet"

    async def _locate(self, places: Sequence[Place], first: Mapping[Place, int]) -> Mapping[Place, int]:
        for place in places:
            await seed_position(self._link, place, first[place])
        stored = await read_positions(self._link)
        found = {place: stored[place] for place in places}
        self._streams.begin(found, await read_parked(self._link, places))
        return found

    async def _run(self) -> None:
        while True:
            try:
                await self._relay.room()
                records = await self._source.take(MOST_RECORDS)
                if records:
                    await self._consume(records)
                if self._streams.parked_in(self._source.positions):
                    await self._resumer.step(self._source.positions)
                if self._gather and 0 < len(records) < MOST_RECORDS:
                    await asyncio.sleep(self._gather)
            except (Unavailable, KafkaError) as error:
                log.warning("consumer_waits", service=self._service, error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_DELAY.total_seconds())
                await self._resume()

    async def _consume(self, records: Sequence[Record], tried: int = 0) -> None:
        try:
            return await self._settle(records)
        except Unavailable:
            raise
        except Exception as failure:
            error, tried = failure, tried + 1
            log.exception("handler_failed", service=self._service, attempt=tried, records=len(records))
        if len(records) > 1:  # one of them failed, and nobody knows which
            for record in records:
                await self._consume([record], tried)
        elif tried < TRIES:
            await pause_after(tried)
            await self._consume(records, tried)
        else:
            await self._give_up(records, sentence(error))

    async def _give_up(self, records: Sequence[Record], error: str) -> None:
        try:
            await self._set_aside(records, error)
        except Conflict as gone:  # while it was tried in vain, somebody else took the partition over
            raise Unavailable(str(gone)) from gone

    async def _settle(self, records: Sequence[Record]) -> None:
        """Commits; where somebody else wrote first, decides again. Losing that race is no failure of the handler."""
        for _ in range(MOST_CONFLICTS):
            try:
                return await self._commit(records)
            except Conflict as error:
                if await self._moved_on(records):
                    raise Unavailable(str(error)) from error
                if self._streams.parked_in(self._source.positions):
                    await self._resumer.refresh(self._source.positions)
        raise Unavailable(f"expected to commit within {MOST_CONFLICTS} tries, but others wrote first")

    async def _set_aside(self, records: Sequence[Record], error: str) -> None:
        """The dead letter of a record, and its stream parked at it: to try again is up to somebody."""
        plan = Plan(aside=[SetAside(record, "handler_failed", error, TRIES) for record in records])
        for item in decode_all(records).heard:
            plan.park(item, "handler_failed", error, dead_lettered=True)
        await self._write(records, NO_EFFECTS, plan)

    async def _commit(self, records: Sequence[Record]) -> None:
        plan = await self._plan(records)
        effects = await self.handling(plan.heard) if plan.heard else NO_EFFECTS
        await self._write(records, effects, plan)

    async def _plan(self, records: Sequence[Record]) -> Plan:
        decoded = decode_all(records)
        plan = self._streams.plan(decoded.heard, decoded.skipped)
        if plan.gaps:
            forgiven = await without_gap(self._bootstrap, plan.gaps)
            plan = self._streams.plan(decoded.heard, decoded.skipped, forgiven)
        plan.aside[:0] = decoded.aside
        return plan

    async def _write(self, records: Sequence[Record], effects: Effects, plan: Plan) -> None:
        try:
            assert reached("batch_decided")
            old, new = self._advance(records)
            parts = [advance_part(old, new), *plan.parts()]
        except BaseException:
            effects.conflicted()
            raise
        await self._ledger.record(parts, effects, plan.aside)
        held = self._source.positions
        held.update({place: offset for place, offset in new.items() if place in held})
        self._streams.committed(plan, new)
        for parked in plan.newly_parked:
            log.error("stream_parked", service=self._service, stream=parked.stream, why=parked.error)

    def _advance(self, records: Sequence[Record]) -> tuple[dict[Place, int], dict[Place, int]]:
        new = {(record.topic, record.partition): record.offset + 1 for record in records}
        held = self._source.positions
        missing = [place for place in new if place not in held]
        if missing:
            raise Conflict(f"expected to hold {missing}, but they were taken away")
        behind = [place for place, first in _firsts(records).items() if first < held[place]]
        if behind:
            raise Unavailable(f"expected records that are new, but {behind} went on meanwhile, here or elsewhere")
        return {place: held[place] for place in new}, new

    async def _moved_on(self, records: Sequence[Record]) -> bool:
        """Whether a position is no longer where this process left it: it was paused, or its commit was unclear."""
        stored = await read_positions(self._link)
        held = self._source.positions
        return any(
            stored.get((record.topic, record.partition)) != held.get((record.topic, record.partition))
            or (record.topic, record.partition) not in held
            for record in records
        )

    async def _resume(self) -> None:
        """Goes back to the stored positions: what was taken but not committed is taken again.

        Partitions that are just being assigned are left alone: what is parked in them has not been read yet.
        """
        while True:
            try:
                held = list(self._source.positions)
                stored = await read_positions(self._link)
                parked = await read_parked(self._link, held)
                known = {place: stored[place] for place in held if place in stored}
                self._streams.begin(known, parked)
                return self._source.seek(known)
            except Unavailable as error:
                log.warning("consumer_waits", service=self._service, error=str(error))
                await asyncio.sleep(RETRY_DELAY.total_seconds() * 5)


def _firsts(records: Sequence[Record]) -> dict[Place, int]:
    """The first offset of each partition in a batch."""
    return {(record.topic, record.partition): record.offset for record in reversed(records)}
