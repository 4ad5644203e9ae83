"""The outbox race: writers that fight for the same streams, relays that are killed, and a judge of what came of it."""

import asyncio
import json
import random
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from aiokafka import AIOKafkaConsumer, TopicPartition

from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Entry
from tests.integration.chassis.write_path import claimed, said

TOPIC = "mobius.dispatcher-events.v1"
PARTITIONS = 4
LONGEST_PAUSE_SECONDS = 0.02


class Writer:
    """Appends to streams that others append to as well, and knows of theirs only by losing against them."""

    def __init__(self, link: Link, streams: Sequence[str], seed: str, offer: Callable[[Sequence[Entry]], None]) -> None:
        self._link = link
        self._streams = streams
        self._random = random.Random(seed)
        self._offer = offer
        self._last = dict.fromkeys(streams, 0)
        self.conflicts = 0

    async def run(self) -> None:
        """Until cancelled."""
        while True:
            await self._write()
            await asyncio.sleep(self._random.uniform(0, LONGEST_PAUSE_SECONDS))

    async def _write(self) -> None:
        chosen = sorted(self._random.sample(self._streams, self._random.randint(1, 4)))
        appended = [entry for stream in chosen for entry in self._next(stream, self._random.randint(1, 3))]
        try:
            await commit(self._link, [], appended)
        except Conflict:
            self.conflicts += 1
            await self._look(chosen)
        else:
            self._last.update({entry.event.subject: entry.event.sequence for entry in appended})
            self._offer(appended)

    def _next(self, stream: str, count: int) -> list[Entry]:
        last = self._last[stream]
        return said(stream, last, [claimed(stream, number) for number in range(last + 1, last + 1 + count)])

    async def _look(self, streams: Sequence[str]) -> None:
        found = "SELECT stream, max(seq) AS last FROM journal WHERE stream = ANY ($1::text[]) GROUP BY stream"
        self._last.update({row["stream"]: row["last"] for row in await self._link.rows(found, list(streams))})


@dataclass(frozen=True)
class Verdict:
    """`events` were committed; `repeats` came more than once, which is allowed. The rest names what is not."""

    events: int
    repeats: int
    lost: frozenset[str]
    invented: frozenset[str]
    disordered: frozenset[str]

    @property
    def is_good(self) -> bool:
        return not (self.lost or self.invented or self.disordered)

    def __str__(self) -> str:
        wrong = {name: sorted(getattr(self, name))[:5] for name in ("lost", "invented", "disordered")}
        return f"{self.events} events, {self.repeats} repeats, {wrong}"


def judged(journal: Sequence[bytes], topic: Sequence[bytes]) -> Verdict:
    """Holds what came on the topic, in its order, against what was committed: by bytes, and after dropping repeats in
    order per stream, which is the key."""
    events = [json.loads(raw) for raw in dict.fromkeys(topic)]
    last: dict[str, int] = {}
    disordered: set[str] = set()
    for event in events:
        if event["sequence"] <= last.get(event["subject"], 0):
            disordered.add(event["id"])
        last[event["subject"]] = event["sequence"]
    return Verdict(
        events=len(journal),
        repeats=len(topic) - len(events),
        lost=_ids(set(journal) - set(topic)),
        invented=_ids(set(topic) - set(journal)),
        disordered=frozenset(disordered),
    )


def _ids(raws: set[bytes]) -> frozenset[str]:
    return frozenset(str(json.loads(raw)["id"]) for raw in raws)


class Tap:
    """Reads the raw topic from the moment on when it was opened."""

    def __init__(self, bootstrap: str) -> None:
        self._consumer = AIOKafkaConsumer(bootstrap_servers=bootstrap, enable_auto_commit=False)
        self._places = [TopicPartition(TOPIC, number) for number in range(PARTITIONS)]

    async def open(self) -> None:
        await self._consumer.start()
        self._consumer.assign(self._places)
        for place, end in (await self._consumer.end_offsets(self._places)).items():
            self._consumer.seek(place, end)

    async def close(self) -> None:
        await self._consumer.stop()

    async def read(self, streams: Sequence[str]) -> list[bytes]:
        """All records of these streams, in order per partition."""
        ends = await self._consumer.end_offsets(self._places)
        found: list[bytes] = []
        while any([await self._consumer.position(place) < end for place, end in ends.items()]):
            for records in (await self._consumer.getmany(timeout_ms=1_000)).values():
                found += [record.value for record in records if record.key.decode() in streams]
        return found
