"""Relays as one might write them, and must not: the race has to find them out."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby
from random import random

from libs.chassis.bus.producer import Message, Producer
from libs.chassis.db.link import Link, Row
from libs.chassis.journal.entry import place
from libs.contracts.registry import decode

SLOWEST = 0.3
"""Seconds that one relay may lie behind another, as processes of their own do."""

Wrong = Callable[[Link, Producer, asyncio.Event], Awaitable[None]]
"""A relay that should not be trusted. It ends when nothing is left after the event."""


async def by_the_highest_place(link: Link, producer: Producer, over: asyncio.Event) -> None:
    """Publishes what has a higher place than the last one that it saw. Places are taken before they are committed."""
    last, more = 0, True
    while more:
        more = not over.is_set()
        rows = await link.rows(HIGHER, last)
        await publish(producer, rows)
        last, more = (rows[-1]["place"], True) if rows else (last, more)


async def whatever_is_not_locked(link: Link, producer: Producer, over: asyncio.Event) -> None:
    """Takes rows that no other relay has in its hands, whichever stream they are of."""
    more = True
    while more:
        more = not over.is_set()
        async with link.transaction() as work:
            rows = sorted(await work.rows(UNLOCKED), key=lambda row: (int(row["place"]), int(row["at"])))
            await asyncio.sleep(random() * SLOWEST)
            await publish(producer, rows)
            more = more or bool(rows)


EVENTS = """CROSS JOIN LATERAL unnest(o.streams, o.seqs) WITH ORDINALITY AS e (stream, seq, at)
JOIN journal j ON (j.stream, j.seq) = (e.stream, e.seq)"""
HIGHER = f"SELECT o.place, e.at, j.event FROM outbox o {EVENTS} WHERE o.place > $1 ORDER BY o.place, e.at"
UNLOCKED = f"""WITH o AS (
    DELETE FROM outbox WHERE place IN (SELECT place FROM outbox ORDER BY place LIMIT 20 FOR UPDATE SKIP LOCKED)
    RETURNING place, streams, seqs
) SELECT o.place, e.at, j.event FROM o {EVENTS}"""


async def publish(producer: Producer, rows: Sequence[Row]) -> None:
    """All rows, in their order."""
    entries = [place("dispatcher", decode(row["event"]), row["event"]) for row in rows]
    for partition, group in groupby(sorted(entries, key=lambda entry: entry.partition), lambda entry: entry.partition):
        same = list(group)
        messages = [Message(entry.event.partitionkey.encode(), entry.raw) for entry in same]
        await producer.publish(same[0].topic, partition, messages)
