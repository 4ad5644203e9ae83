"""Lets parked streams go on: handles the records that were kept for them, in order, each with its effects at once.

What is to go on stands in the database, so that any replica can be asked; whoever holds the partition carries it out,
between two batches, so that nobody else handles records of that stream meanwhile. A zombie that tries as well loses by
the version of the parked stream.
"""

import asyncio
from collections.abc import Collection
from dataclasses import replace

import structlog

from libs.chassis.bus.batch import NO_EFFECTS
from libs.chassis.bus.handling import TRIES, Handling, pause_after, sentence
from libs.chassis.bus.ledger import Ledger
from libs.chassis.bus.parking import QUERIES, Kept, Parked, ParkedFor, read_kept, read_parked, read_wanted, storable
from libs.chassis.bus.picking import pick
from libs.chassis.bus.plan import SetAside
from libs.chassis.bus.positions import Place
from libs.chassis.bus.streams import Streams
from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.statement import Part

MOST_RECORDS = 100
ASK_EVERY_SECONDS = 1.0

log = structlog.get_logger(__name__)


class Resumer:
    """Called by the consumer between batches. Raises `Unavailable`."""

    def __init__(self, link: Link, ledger: Ledger, handling: Handling, streams: Streams) -> None:
        self._link = link
        self._ledger = ledger
        self._handling = handling
        self._streams = streams
        self._asked = 0.0

    async def step(self, held: Collection[Place]) -> None:
        """Asks now and then, while anything is parked, what is to go on."""
        now = asyncio.get_running_loop().time()
        if not self._streams.hurried and now < self._asked + ASK_EVERY_SECONDS:
            return
        self._asked, self._streams.hurried = now, False
        for parked in await read_wanted(self._link, held):
            try:
                await self._go_on(parked)
            except Conflict:  # somebody asked for something else meanwhile, or another replica has the partition
                log.info("parked_stream_changed", stream=parked.stream)
                await self.refresh(held)

    async def refresh(self, held: Collection[Place]) -> None:
        """Takes over what the database says of these partitions."""
        self._streams.set_parked(held, await read_parked(self._link, held))

    async def _go_on(self, parked: Parked) -> None:
        going: Parked | None = parked
        if parked.discard_offset is not None:
            going = await self._discard(parked, parked.discard_offset)
        while going is not None:
            here = going
            try:
                going = await self._turn(here, MOST_RECORDS)
            except (Conflict, Unavailable):
                raise
            except Exception as error:
                log.exception("handler_failed", stream=parked.stream, attempt=1)
                return await self._step_by_step(here, error)

    async def _step_by_step(self, parked: Parked, error: Exception) -> None:
        """One of the next records failed: one by one, until it is known which, and that it fails again and again."""
        going: Parked | None = parked
        failures = 0
        while going is not None and failures < TRIES:
            try:
                going, failures = await self._turn(going, 1), 0
            except (Conflict, Unavailable):
                raise
            except Exception as again:
                error, failures = again, failures + 1
                log.exception("handler_failed", stream=parked.stream, attempt=failures)
                await pause_after(failures)
        if going is not None:
            await self._fail(going, sentence(error))

    async def _turn(self, parked: Parked, most: int) -> Parked | None:
        """Handles what comes next; answers the stream as it is then, None when it does not go on from here."""
        kept = await read_kept(self._link, parked, most + 1)
        picked = pick(parked, kept[:most])
        if kept and not picked.settled:
            await self._stay(parked, "sequence_gap", f"expected sequence {parked.done + 1}, but it is missing")
            return None
        effects = await self._handling(picked.heard) if picked.heard else NO_EFFECTS
        rest = len(kept) > len(picked.settled)
        after = replace(parked, done=picked.done, version=parked.version + 1, wanted="go_on")
        parts = [*_deleted(parked, picked.settled), _advanced(after) if rest else _unparked(parked)]
        await self._ledger.record(parts, effects, picked.aside)
        if rest:
            self._streams.replaced(after)
            return after
        self._streams.unparked(parked, picked.last)
        log.info("stream_unparked", topic=parked.place[0], partition=parked.place[1], stream=parked.stream)
        return None

    async def _discard(self, parked: Parked, offset: int) -> Parked | None:
        """Gives up the first record, if it is still the one that was named."""
        first = await read_kept(self._link, parked, 1)
        if not first or first[0].record.offset != offset:
            await self._stay(parked, parked.reason, parked.error)
            return None
        done = max(parked.done, first[0].sequence)
        after = replace(parked, done=done, version=parked.version + 1, wanted="go_on", discard_offset=None)
        await self._ledger.record([*_deleted(parked, first), _advanced(after)], NO_EFFECTS)
        place = {"topic": parked.place[0], "partition": parked.place[1], "offset": offset}
        log.warning("parked_record_discarded", **place, stream=parked.stream, asked_by=parked.asked_by)
        self._streams.replaced(after)
        return after

    async def _fail(self, parked: Parked, error: str) -> None:
        """The first record failed again: it becomes a dead letter, if it is none yet, and the stream stays."""
        kept = await read_kept(self._link, parked, 1)
        if not kept:
            raise Conflict(f"expected a first record of {parked.stream}, but another replica was faster")
        first = kept[0]
        aside = SetAside(first.record, "handler_failed", error, TRIES)
        args = (*parked.place, parked.stream, first.sequence, first.record.offset)
        parts = [Part("marked", QUERIES["mark_dead_lettered"], args)]
        fresh = not first.dead_lettered
        await self._stay(parked, "handler_failed", error, parts if fresh else [], [aside] if fresh else [])

    async def _stay(
        self,
        parked: Parked,
        reason: ParkedFor,
        error: str,
        parts: Collection[Part] = (),
        aside: Collection[SetAside] = (),
    ) -> None:
        stayed = Part("stayed", QUERIES["stay_parked"], (parked.id, parked.version, reason, storable(error)), expect=1)
        await self._ledger.record([stayed, *parts], NO_EFFECTS, [*aside])
        after = replace(parked, reason=reason, error=error, version=parked.version + 1, wanted=None)
        self._streams.replaced(replace(after, discard_offset=None))
        log.warning("stream_stays_parked", stream=parked.stream, reason=reason, error=error)


def _deleted(parked: Parked, settled: Collection[Kept]) -> list[Part]:
    if not settled:
        return []
    sequences, offsets = [one.sequence for one in settled], [one.record.offset for one in settled]
    args = (*parked.place, parked.stream, sequences, offsets)
    return [Part("deleted", QUERIES["delete_kept"], args, expect=len(settled))]


def _advanced(after: Parked) -> Part:
    return Part("advanced", QUERIES["advance_parked"], (after.id, after.version - 1, after.done), expect=1)


def _unparked(parked: Parked) -> Part:
    return Part("unparked", QUERIES["unpark_stream"], (parked.id, parked.version), expect=1)
