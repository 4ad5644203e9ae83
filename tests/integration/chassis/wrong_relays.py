"""Relays as one might write them, and must not: the race has to find them out. Their outbox has a column `id`."""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from itertools import groupby

from libs.chassis.bus.producer import Message, Producer
from libs.chassis.db.link import Link, Row
from libs.chassis.journal.entry import place
from libs.contracts.registry import decode

Wrong = Callable[[Link, Producer, asyncio.Event], Awaitable[None]]
"""A relay that should not be trusted. It ends when nothing is left after the event."""


async def by_the_highest_id(link: Link, producer: Producer, over: asyncio.Event) -> None:
    """Publishes what has a higher id than the last one that it saw. Ids are drawn before they are committed."""
    last, more = 0, True
    while more:
        more = not over.is_set()
        rows = await link.rows(HIGHER, last)
        await publish(producer, rows)
        last, more = (rows[-1]["id"], True) if rows else (last, more)


async def whatever_is_not_locked(link: Link, producer: Producer, over: asyncio.Event) -> None:
    """Takes rows that no other relay has in its hands, whichever stream they are of."""
    more = True
    while more:
        more = not over.is_set()
        async with link.transaction() as work:
            rows = sorted(await work.rows(UNLOCKED), key=lambda row: int(row["id"]))
            await publish(producer, rows)
            more = more or bool(rows)


HIGHER = "SELECT o.id, j.event FROM outbox o JOIN journal j USING (stream, seq) WHERE o.id > $1 ORDER BY o.id"
UNLOCKED = """DELETE FROM outbox o USING journal j
WHERE (o.stream, o.seq) = (j.stream, j.seq)
  AND o.id IN (SELECT id FROM outbox ORDER BY id LIMIT 5 FOR UPDATE SKIP LOCKED)
RETURNING o.id, j.event"""


async def publish(producer: Producer, rows: Sequence[Row]) -> None:
    """All rows, in their order."""
    entries = [place("dispatcher", decode(row["event"]), row["event"]) for row in rows]
    for partition, group in groupby(sorted(entries, key=lambda entry: entry.partition), lambda entry: entry.partition):
        same = list(group)
        messages = [Message(entry.event.partitionkey.encode(), entry.raw) for entry in same]
        await producer.publish(same[0].topic, partition, messages)
