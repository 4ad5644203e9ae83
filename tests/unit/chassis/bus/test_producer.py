"""A failed batch throws its own connection away, and no other."""

import asyncio
from datetime import timedelta
from typing import ClassVar

import pytest
from aiokafka.errors import KafkaConnectionError

from libs.chassis.bus import producer as producer_module
from libs.chassis.bus.producer import Message, Producer, PublishFailed
from libs.contracts.topics import topic_for

TOPIC = topic_for("engine", "run.started")
MESSAGES = [Message(b"key", b"{}")]


class Batch:
    def append(self, *, key: bytes, value: bytes, timestamp: None) -> object:
        return key, value, timestamp

    def close(self) -> None:
        pass


class Client:
    """Stands in for the library's producer: acknowledges when it is told to, and counts its ends."""

    made: ClassVar[list["Client"]] = []
    reachable: ClassVar[bool] = True

    def __init__(self, **options: object) -> None:
        self.options = options
        self.sent: list[asyncio.Future[None]] = []
        self.stops = 0
        self.made.append(self)

    async def start(self) -> None:
        if not self.reachable:
            raise KafkaConnectionError("nobody there")

    async def stop(self) -> None:
        self.stops += 1

    def create_batch(self) -> Batch:
        return Batch()

    async def send_batch(self, _batch: Batch, _topic: str, *, partition: int) -> "asyncio.Future[None]":
        self.sent.append(asyncio.get_running_loop().create_future())
        return self.sent[-1]


@pytest.fixture
def client(monkeypatch: pytest.MonkeyPatch) -> type[Client]:
    monkeypatch.setattr(producer_module, "AIOKafkaProducer", Client)
    monkeypatch.setattr(Client, "made", [])
    monkeypatch.setattr(Client, "reachable", True)
    return Client


async def test_the_library_is_told_to_be_safe(client: type[Client]) -> None:
    producer = Producer("127.0.0.1:1", "test")
    await producer.open()
    [made] = client.made
    assert (made.options["acks"], made.options["enable_idempotence"]) == ("all", True)
    await producer.stop()


async def test_a_late_failure_leaves_the_connection_that_was_opened_since(client: type[Client]) -> None:
    producer = Producer("127.0.0.1:1", "test")
    both = [asyncio.create_task(producer.publish(TOPIC, partition, MESSAGES)) for partition in (0, 1)]
    while not client.made or len(client.made[0].sent) < 2:
        await asyncio.sleep(0)
    client.made[0].sent[0].set_exception(KafkaConnectionError("gone"))
    with pytest.raises(PublishFailed):
        await both[0]
    again = asyncio.create_task(producer.publish(TOPIC, 0, MESSAGES))
    while len(client.made) < 2 or not client.made[1].sent:
        await asyncio.sleep(0)
    client.made[0].sent[1].set_exception(KafkaConnectionError("gone too"))
    with pytest.raises(PublishFailed):
        await both[1]
    client.made[1].sent[0].set_result(None)
    await again
    assert client.made[1].stops == 0
    assert producer.ready() is None
    await producer.stop()


async def test_a_connection_that_does_not_open_is_closed(client: type[Client], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(client, "reachable", False)
    with pytest.raises(PublishFailed):
        await Producer("127.0.0.1:1", "test").publish(TOPIC, 0, MESSAGES)
    assert [made.stops for made in client.made] == [1]


class Silent(Client):
    """Never acknowledges anything, and waits for that in its stop."""

    def __init__(self, **options: object) -> None:
        super().__init__(**options)
        self.closed = False
        self.client = self._sender = self
        self.sender_task = asyncio.create_task(asyncio.Event().wait())

    async def stop(self) -> None:
        await super().stop()
        await asyncio.Event().wait()

    async def close(self) -> None:
        self.closed = True


async def test_a_batch_that_is_never_answered_fails_and_its_connection_is_abandoned(
    monkeypatch: pytest.MonkeyPatch, client: type[Client]
) -> None:
    monkeypatch.setattr(producer_module, "AIOKafkaProducer", Silent)
    monkeypatch.setattr(producer_module, "DROP_WITHIN", timedelta(milliseconds=10))
    producer = Producer("127.0.0.1:1", "test", request_timeout_ms=10)
    with pytest.raises(PublishFailed):
        await producer.publish(TOPIC, 0, MESSAGES)
    [silent] = client.made
    assert isinstance(silent, Silent)
    assert silent.closed
    assert silent.sender_task.cancelling()
    assert producer.ready() is not None
    assert not producer.reachable
