"""Replicas: the latest of compacted topics, in memory, read from the beginning at every start.

A lookup that misses may be asked again after `catch_up`, which reads to the topic's present end: what another service
answered before is then known here too.
"""

import asyncio
from collections.abc import Callable, Iterator, Mapping, Sequence
from datetime import timedelta
from typing import Generic, Protocol, TypeVar

import structlog
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from libs.chassis.bus.odd_headers import bear_odd_headers
from libs.chassis.db.errors import Unavailable
from libs.chassis.loops.background import background
from libs.chassis.loops.group_commit import GroupCommit
from libs.contracts.payload import Payload
from libs.contracts.registry import Undecodable, decode

LOADED_WITHIN = timedelta(seconds=60)

State = TypeVar("State", bound=Payload)

log = structlog.get_logger(__name__)


class Replica(Mapping[str, State], Generic[State]):
    """One compacted topic as a mapping from record key to latest state. `version` grows with every change."""

    def __init__(self, topic: str, kind: type[State], changed: Callable[[State], None] | None = None) -> None:
        self.topic = topic
        self.version = 0
        self._kind = kind
        self._changed = changed
        self._states: dict[str, State] = {}

    def __getitem__(self, key: str) -> State:
        return self._states[key]

    def __iter__(self) -> Iterator[str]:
        return iter(self._states)

    def __len__(self) -> int:
        return len(self._states)

    def apply(self, key: str, payload: Payload) -> None:
        """Takes over a newer state. Called by the reader."""
        if not isinstance(payload, self._kind):
            raise TypeError(f"expected {self._kind.type} on {self.topic}, but got {payload.type}")
        self._states[key] = payload
        self.version += 1
        if self._changed is not None:
            self._changed(payload)


class Fed(Protocol):
    """What the reader needs of a replica."""

    topic: str

    def apply(self, key: str, payload: Payload) -> None: ...


class StateReader:
    """Component. Feeds replicas from their topics; ready once each was read to the end that it had at the start."""

    def __init__(self, bootstrap: str, client_id: str, replicas: Sequence[Fed]) -> None:
        bear_odd_headers()
        self._replicas = {replica.topic: replica for replica in replicas}
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            client_id=client_id,
            enable_auto_commit=False,
            auto_offset_reset="earliest",
            fetch_max_wait_ms=1_000,
        )
        # the broker answers a connection in order, and a question behind a waiting fetch would wait as long
        self._ends = AIOKafkaConsumer(bootstrap_servers=bootstrap, client_id=f"{client_id}-ends")
        self._places = [TopicPartition(topic, 0) for topic in self._replicas]
        self._read: dict[TopicPartition, int] = dict.fromkeys(self._places, 0)
        self._moved = asyncio.Event()
        self._looks: GroupCommit[None, None] = GroupCommit("catch-up", self._look)
        self.task: asyncio.Task[None] | None = None
        self._loaded = False

    async def start(self) -> None:
        await self._ends.start()
        self._ends.assign(self._places)  # else it learns of one topic after the other, each time with a pause
        self._ends.pause(*self._places)
        await self._consumer.start()
        self._consumer.assign(self._places)
        for place in self._places:
            self._consumer.seek(place, 0)
        self.task = background(self._run(), "state-reader")
        await self._looks.start()
        await asyncio.wait_for(self._looks.submit(None), LOADED_WITHIN.total_seconds())
        self._loaded = True

    async def stop(self) -> None:
        if self.task is not None:
            self.task.cancel()
            await asyncio.gather(self.task, return_exceptions=True)
        await self._looks.stop()
        await self._consumer.stop()
        await self._ends.stop()

    def ready(self) -> str | None:
        return None if self._loaded else "the replicas are not loaded yet"

    async def catch_up(self, within: timedelta = timedelta(seconds=2)) -> None:
        """Waits until all that is on the topics now has been applied. Calls that wait together share one look.

        Raises `Unavailable` when the broker cannot say where the topics end, or does not hand out what is there.
        """
        try:
            await asyncio.wait_for(self._looks.submit(None), within.total_seconds())
        except TimeoutError as error:
            raise Unavailable(f"expected to read to the end within {within.total_seconds():g} s") from error

    async def _look(self, calls: Sequence[None]) -> Sequence[None]:
        try:
            ends = await self._ends.end_offsets(self._places)
        except KafkaError as error:
            raise Unavailable(f"{type(error).__name__}: {error}") from error
        while any(self._read[place] < end for place, end in ends.items()):
            self._moved.clear()
            await self._moved.wait()
        return calls

    async def _run(self) -> None:
        while True:
            try:
                batches = await self._consumer.getmany(timeout_ms=1_000)
                for place, records in batches.items():
                    for record in records:
                        self._apply(place.topic, record.key, record.value)
                        self._read[place] = record.offset + 1
                self._moved.set()
            except KafkaError as error:
                log.warning("replica_waits", error=f"{type(error).__name__}: {error}")
                await asyncio.sleep(0.5)

    def _apply(self, topic: str, key: bytes | None, value: bytes | None) -> None:
        try:
            self._replicas[topic].apply((key or b"").decode(), decode(value).data)
        except (Undecodable, TypeError, UnicodeDecodeError) as error:
            log.error("state_record_skipped", topic=topic, error=str(error))
