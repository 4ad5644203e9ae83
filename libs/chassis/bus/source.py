"""The consumer group's side of a consumer: membership, assignment, and bytes in batches."""

import asyncio
from collections.abc import Awaitable, Callable, Mapping, Sequence
from datetime import timedelta
from zlib import crc32

import structlog
from aiokafka import AIOKafkaConsumer, ConsumerRebalanceListener, TopicPartition
from aiokafka.errors import KafkaError
from aiokafka.structs import ConsumerRecord

from libs.chassis.bus.batch import Record
from libs.chassis.bus.odd_headers import bear_odd_headers
from libs.chassis.bus.positions import Place
from libs.chassis.db.errors import Unavailable

RETRY_DELAY = timedelta(milliseconds=500)
LEAVE_WITHIN = timedelta(seconds=3)

log = structlog.get_logger(__name__)

Locate = Callable[[Sequence[Place], Mapping[Place, int]], Awaitable[Mapping[Place, int]]]
"""Given the assigned places and the first offsets that exist: where to continue each."""


def name_in_group(instance: str, topics: Sequence[str]) -> str:
    """A replica's name together with what it hears. The broker gives a name that comes back the partitions that it had
    before, and asks nobody: a release that hears one topic more would never be given any of it."""
    return f"{instance}-{crc32(' '.join(sorted(topics)).encode()):08x}"


class Source(ConsumerRebalanceListener):  # type: ignore[misc]  # aiokafka is untyped
    """Reads the topics of a group. `locate` says where to continue whenever partitions are assigned."""

    def __init__(
        self, bootstrap: str, group: str, topics: Sequence[str], locate: Locate, instance: str | None = None
    ) -> None:
        bear_odd_headers()
        self._topics = topics
        self._locate = locate
        self._consumer = AIOKafkaConsumer(
            bootstrap_servers=bootstrap,
            group_id=group,
            client_id=group,
            group_instance_id=None if instance is None else name_in_group(instance, topics),
            enable_auto_commit=False,
            auto_offset_reset="none",
            fetch_max_wait_ms=1_000,
            session_timeout_ms=10_000,
            heartbeat_interval_ms=3_000,
            max_poll_interval_ms=3_600_000,
            max_partition_fetch_bytes=5_000_000,
        )
        self.positions: dict[Place, int] = {}
        self.assigned = asyncio.Event()

    async def start(self) -> None:
        await self._consumer.start()
        self._consumer.subscribe(self._topics, listener=self)

    async def stop(self) -> None:
        """Leaves the group. Positions are not the broker's, so a coordinator that is away is not worth a long wait."""
        try:
            async with asyncio.timeout(LEAVE_WITHIN.total_seconds()):
                await self._consumer.stop()
        except TimeoutError:
            log.warning("group_left_unsaid", seconds=LEAVE_WITHIN.total_seconds())

    async def take(self, most: int) -> list[Record]:
        """What has arrived, in order per partition; waits up to a second for something."""
        batches = await self._consumer.getmany(timeout_ms=1_000, max_records=most)
        return [_record(record) for records in batches.values() for record in records]

    def seek(self, positions: Mapping[Place, int]) -> None:
        """Continues at these offsets, for the places that are still assigned."""
        for (topic, partition), offset in positions.items():
            if TopicPartition(topic, partition) in self._consumer.assignment():
                self._consumer.seek(TopicPartition(topic, partition), offset)
                self.positions[(topic, partition)] = offset

    def lags(self) -> Mapping[Place, int]:
        """How many records lie behind each position, as far as the broker has said."""
        ends = {place: self._consumer.highwater(TopicPartition(*place)) for place in self.positions}
        return {place: end - self.positions[place] for place, end in ends.items() if end is not None}

    async def on_partitions_revoked(self, revoked: Sequence[TopicPartition]) -> None:
        for taken in revoked:
            self.positions.pop((taken.topic, taken.partition), None)

    async def on_partitions_assigned(self, assigned: Sequence[TopicPartition]) -> None:
        """Waits until each has its place: the client library swallows what is raised here, and would read on."""
        while assigned:
            if await self._placed(assigned):
                break
            await asyncio.sleep(RETRY_DELAY.total_seconds())
        log.info("partitions_assigned", count=len(assigned))
        self.assigned.set()

    async def _placed(self, assigned: Sequence[TopicPartition]) -> bool:
        try:
            firsts = await self._consumer.beginning_offsets(list(assigned))
            first = {(place.topic, place.partition): offset for place, offset in firsts.items()}
            self.seek(await self._locate(list(first), first))
        except (Unavailable, KafkaError) as error:
            log.warning("assignment_waits", error=f"{type(error).__name__}: {error}")
            return False
        return True


def _record(raw: "ConsumerRecord[bytes, bytes]") -> Record:
    return Record(raw.topic, raw.partition, raw.offset, raw.timestamp, raw.key, raw.value, raw.headers)
