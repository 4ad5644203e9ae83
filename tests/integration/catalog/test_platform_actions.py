"""The platform's actions in the catalog, as the dispatcher announces them."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime

import pytest

from libs.chassis.bus.producer import Message, Producer
from libs.chassis.journal.entry import Context, entry
from libs.contracts.events.catalog import Annotations
from libs.contracts.events.dispatcher import PlatformActionState
from services.catalog.settings import CatalogSettings
from tests.integration.catalog.running import started

NAME = "slack.test-message"


def announced(**changes: object) -> PlatformActionState:
    fields: dict[str, object] = {
        "name": NAME,
        "integration": "slack",
        "title": "Post a message",
        "description": "Posts.",
        "input_schema": {"type": "object"},
        "output_schema": {"type": "object"},
        "annotations": Annotations(),
        "available": True,
    }
    return PlatformActionState.model_validate(fields | changes)


@pytest.fixture
async def dispatcher(settings: CatalogSettings) -> AsyncIterator[Producer]:
    producer = Producer(settings.kafka_bootstrap, "test-dispatcher")
    await producer.start()
    yield producer
    await announce(producer, announced(withdrawn=True))
    await producer.stop()


async def announce(producer: Producer, state: PlatformActionState) -> None:
    context = Context(service="dispatcher", project="", now=datetime.now(UTC))
    said = entry(context, f"platform-action/{NAME}", 1, NAME, state)
    await producer.publish(said.topic, said.partition, [Message(NAME.encode(), said.raw)])


async def test_an_announced_action_is_in_the_catalog(settings: CatalogSettings, dispatcher: Producer) -> None:
    await announce(dispatcher, announced(available=False))
    async with started(settings) as catalog:
        status, entry_ = await catalog.get(f"/actions/catalog/{NAME}")
        _, listed = await catalog.get("/actions/catalog")
        own_status, _ = await catalog.get(f"/actions/{NAME}")

    assert status == 200
    assert entry_ == {
        "name": NAME,
        "title": "Post a message",
        "description": "Posts.",
        "integration": "slack",
        "source": "slack",
        "available": False,
        "annotations": {"idempotent": False, "destructive": False, "read_only": False},
        "input_schema": {"type": "object"},
        "output_schema": {"type": "object"},
    }
    items = listed["items"]
    assert isinstance(items, list)
    assert entry_ in items
    assert own_status == 404


async def test_a_withdrawn_action_is_not(settings: CatalogSettings, dispatcher: Producer) -> None:
    await announce(dispatcher, announced())
    await announce(dispatcher, announced(withdrawn=True))
    async with started(settings) as catalog:
        assert (await catalog.get(f"/actions/catalog/{NAME}"))[0] == 404
