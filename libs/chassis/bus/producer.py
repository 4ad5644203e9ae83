"""Publishing: explicit batches, acknowledged by all replicas, idempotent, nothing waited for event by event."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

import structlog
from aiokafka import AIOKafkaProducer
from aiokafka.errors import KafkaError

from libs.chassis.failpoints import reached
from libs.chassis.loops.background import background
from libs.contracts.topics import Topic

MAX_BATCH_BYTES = 1_000_000
DROP_WITHIN = timedelta(seconds=5)
"""A connection that is thrown away may still be waiting for a broker that will never answer it."""
UNANSWERED_SHARE = 1.5
"""Of the request timeout: the library counts it from a batch's first sending, which it can put off for ever."""
LOOK_EVERY = timedelta(seconds=5)
"""How often a broker is asked whether it is there; also how long it may take to answer."""


log = structlog.get_logger(__name__)


class PublishFailed(Exception):
    """The broker did not acknowledge a batch. Whether it has it is unknown; nothing was sent after it."""


class Message(NamedTuple):
    """One record. The caller names the partition; `key` is kept for compaction and readers.

    Its timestamp is the moment of sending: the broker refuses one that a skewed clock put into the future. The event's
    own time stands in its envelope.
    """

    key: bytes
    value: bytes


class Producer:
    """Component. After a failed batch the connection is thrown away, so that nothing overtakes what failed."""

    def __init__(self, bootstrap: str, client_id: str, *, request_timeout_ms: int = 15_000) -> None:
        self._bootstrap = bootstrap
        self._client_id = client_id
        self._timeout_ms = request_timeout_ms
        self._patience = request_timeout_ms * UNANSWERED_SHARE / 1000
        self._producer: AIOKafkaProducer | None = None
        self._opening = asyncio.Lock()
        self._looking: asyncio.Task[None] | None = None
        self.reachable = False
        """Whether the broker answered when it was last spoken to."""

    async def start(self) -> None:
        await self._opened()
        self._looking = background(self._look(), "broker-look")

    async def stop(self) -> None:
        if self._looking is not None:
            self._looking.cancel()
            await asyncio.gather(self._looking, return_exceptions=True)
        await self._drop(self._producer)

    def ready(self) -> str | None:
        return None if self._producer is not None else "the producer is not connected"

    async def open(self) -> None:
        """Connects, where that has to be done anew. Raises `PublishFailed`."""
        try:
            await self._opened()
        except (TimeoutError, KafkaError, OSError) as error:
            self.reachable = False
            raise PublishFailed(f"{self._bootstrap}: {type(error).__name__}: {error}") from error

    async def publish(self, topic: Topic, partition: int, messages: Sequence[Message]) -> None:
        """Sends messages to one partition in order and waits for the acknowledgement. Raises `PublishFailed`.

        What fits goes as one batch; more follows only after the batch before it was acknowledged.
        """
        rest = list(messages)
        producer = None
        try:
            producer = await self._opened()
            while rest:
                async with asyncio.timeout(self._patience):
                    rest = await _publish_some(producer, topic, partition, rest)
                assert reached("batch_acknowledged")
            self.reachable = True
        except (TimeoutError, KafkaError, OSError) as error:
            self.reachable = False
            await self._drop(producer)
            raise PublishFailed(f"{topic.name}/{partition}: {type(error).__name__}: {error}") from error

    async def _opened(self) -> AIOKafkaProducer:
        async with self._opening:
            if self._producer is None:
                producer = AIOKafkaProducer(
                    bootstrap_servers=self._bootstrap,
                    client_id=self._client_id,
                    acks="all",
                    enable_idempotence=True,
                    linger_ms=0,
                    max_batch_size=MAX_BATCH_BYTES,
                    max_request_size=5_000_000,
                    request_timeout_ms=self._timeout_ms,
                )
                try:
                    async with asyncio.timeout(self._patience):
                        await producer.start()
                except BaseException:
                    await producer.stop()
                    raise
                self._producer, self.reachable = producer, True
            return self._producer

    async def _look(self) -> None:
        """Asks the broker for nothing in particular, so that an idle process knows it too when it is away."""
        while True:
            await asyncio.sleep(LOOK_EVERY.total_seconds())
            producer = self._producer
            if producer is not None:
                self.reachable = await _answers(producer)

    async def _drop(self, producer: AIOKafkaProducer | None) -> None:
        """Throws this connection away, and not one that somebody has opened since."""
        if self._producer is producer:
            self._producer = None
        if producer is not None:
            await _stop(producer)


async def _stop(producer: AIOKafkaProducer) -> None:
    """Ends a connection, gently if it can be had: stopping waits until everything is sent."""
    try:
        async with asyncio.timeout(DROP_WITHIN.total_seconds()):
            await producer.stop()
    except TimeoutError:
        log.warning("producer_abandoned", seconds=DROP_WITHIN.total_seconds())
        producer._sender.sender_task.cancel()
        await producer.client.close()


async def _answers(producer: AIOKafkaProducer) -> bool:
    try:
        async with asyncio.timeout(LOOK_EVERY.total_seconds()):
            return bool(await producer.client.force_metadata_update())
    except (TimeoutError, KafkaError, OSError):
        return False


async def _publish_some(
    producer: AIOKafkaProducer, topic: Topic, partition: int, messages: list[Message]
) -> list[Message]:
    """Sends one batch of what fits; answers the rest."""
    batch = producer.create_batch()
    taken = 0
    for message in messages:
        appended = batch.append(key=message.key, value=message.value, timestamp=None)
        if appended is None:
            break
        taken += 1
    batch.close()
    acknowledged = await producer.send_batch(batch, topic.name, partition=partition)
    await acknowledged
    return messages[taken:]
