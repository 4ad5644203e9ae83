"""The consumer loop: take a batch, decode, let the handler decide, commit everything in one statement.

What was consumed, what it caused and the new position stand or fall together. A record that cannot be decoded becomes a
dead letter in the same statement. A handler that fails is tried again, then record by record, until the one record that
it cannot handle is known and set aside. A database or broker that is away is waited for; nothing is given up for that.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import UTC, datetime, timedelta

import structlog
from aiokafka.errors import KafkaError

from libs.chassis.bus.batch import Effects, Heard, Record
from libs.chassis.bus.dead_letters import dead_letter
from libs.chassis.bus.positions import Place, advance_part, read_positions, seed_position
from libs.chassis.bus.source import Source
from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.statement import run
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Entry
from libs.chassis.journal.store import append_parts
from libs.chassis.loops.background import background
from libs.chassis.outbox.relay import Relay
from libs.contracts.registry import Undecodable, decode

Handler = Callable[[Sequence[Heard]], Awaitable[Effects]]

TRIES = 5
MOST_CONFLICTS = 50
RETRY_DELAY = timedelta(milliseconds=200)
MOST_RECORDS = 500

log = structlog.get_logger(__name__)


class Consumer:
    """Component. `handle` gets decoded events in order per partition and answers with their effects.

    `instance` is this replica's name in the group: one that comes back under its name goes on at once, where a nameless
    one that was killed keeps its successor waiting for the session timeout.
    """

    def __init__(
        self,
        service: str,
        bootstrap: str,
        topics: Sequence[str],
        link: Link,
        relay: Relay,
        handle: Handler,
        instance: str | None = None,
    ) -> None:
        self._service = service
        self._link = link
        self._relay = relay
        self._handle = handle
        self._source = Source(bootstrap, f"mobius-{service}", topics, self._locate, instance)
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

    def ready(self) -> str | None:
        return None if self._source.assigned.is_set() else "no partitions are assigned yet"

    async def _locate(self, places: Sequence[Place], first: Mapping[Place, int]) -> Mapping[Place, int]:
        for place in places:
            await seed_position(self._link, place, first[place])
        stored = await read_positions(self._link)
        return {place: stored[place] for place in places}

    async def _run(self) -> None:
        while True:
            try:
                await self._relay.room()
                records = await self._source.take(MOST_RECORDS)
                if records:
                    await self._consume(records)
            except (Unavailable, KafkaError) as error:
                log.warning("consumer_waits", service=self._service, error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(RETRY_DELAY.total_seconds())
                await self._resume()

    async def _consume(self, records: Sequence[Record]) -> None:
        for attempt in range(1, TRIES + 1):
            try:
                return await self._settle(records)
            except Unavailable:
                raise
            except Exception:
                log.exception("handler_failed", service=self._service, attempt=attempt, records=len(records))
                await asyncio.sleep(RETRY_DELAY.total_seconds() * attempt)
        await self._isolate(records)

    async def _settle(self, records: Sequence[Record]) -> None:
        """Commits; where somebody else wrote first, decides again. Losing that race is no failure of the handler."""
        for _ in range(MOST_CONFLICTS):
            try:
                return await self._commit(records)
            except Conflict as error:
                if await self._moved_on(records):
                    raise Unavailable(str(error)) from error
        raise Unavailable(f"expected to commit within {MOST_CONFLICTS} tries, but others wrote first")

    async def _isolate(self, records: Sequence[Record]) -> None:
        if len(records) == 1:
            return await self._set_aside(records[0])
        for record in records:
            await self._consume([record])

    async def _set_aside(self, record: Record) -> None:
        error = f"the handler failed {TRIES} times"
        letter = dead_letter(self._service, record, "handler_failed", error, datetime.now(UTC), tries=TRIES)
        await self._write([record], Effects(entries=[letter]))

    async def _commit(self, records: Sequence[Record]) -> None:
        heard, letters = self._decode(records)
        effects = await self._handle(heard)
        assert reached("batch_decided")
        await self._write(records, effects, letters)

    def _decode(self, records: Sequence[Record]) -> tuple[list[Heard], list[Entry]]:
        heard: list[Heard] = []
        letters: list[Entry] = []
        for record in records:
            try:
                heard.append(Heard(decode(record.value), record))
            except Undecodable as error:
                log.error("record_dead_lettered", topic=record.topic, offset=record.offset, reason=error.reason)
                letters.append(dead_letter(self._service, record, error.reason, str(error), datetime.now(UTC)))
        return heard, letters

    async def _write(self, records: Sequence[Record], effects: Effects, letters: Sequence[Entry] = ()) -> None:
        entries = [*effects.entries, *letters]
        try:
            old, new = self._advance(records)
            await run(self._link, [advance_part(old, new), *append_parts(entries), *effects.parts])
            assert reached("batch_committed")
        except BaseException:
            effects.conflicted()
            raise
        self._source.positions.update(new)
        self._relay.offer(entries)
        effects.committed()

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
        """Goes back to the stored positions: what was taken but not committed is taken again."""
        while True:
            try:
                return self._source.seek(await read_positions(self._link))
            except Unavailable as error:
                log.warning("consumer_waits", service=self._service, error=str(error))
                await asyncio.sleep(RETRY_DELAY.total_seconds() * 5)


def _firsts(records: Sequence[Record]) -> dict[Place, int]:
    """The first offset of each partition in a batch."""
    return {(record.topic, record.partition): record.offset for record in reversed(records)}
