"""The dispatcher hears of a change late: what begins after the change was answered goes by it all the same."""

import asyncio
from collections.abc import AsyncIterator
from typing import Any

import pytest
from aiokafka import AIOKafkaConsumer

from libs.chassis.bus import replica
from libs.contracts.events.dispatcher import InvocationCompleted
from tests.integration.catalog.running import Catalog
from tests.integration.secrets.conftest import MASTER_KEY
from tests.integration.secrets.house import NAME, ROTATE, House
from tests.integration.secrets.receiving import receiving

LATE_SECONDS = 0.5
"""Far longer than a job takes from its topic to the endpoint."""


def late(**options: Any) -> AIOKafkaConsumer:
    """A consumer that hands out what it has read only after a while."""
    consumer = AIOKafkaConsumer(**options)
    read = consumer.getmany

    async def getmany(**options: Any) -> Any:
        records = await read(**options)
        if records:
            await asyncio.sleep(LATE_SECONDS)
        return records

    consumer.getmany = getmany
    return consumer


@pytest.fixture
async def catalog(house: House, monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Catalog]:
    """The catalog hears at once, the dispatcher late."""
    async with house.catalog(MASTER_KEY) as catalog:
        monkeypatch.setattr(replica, "AIOKafkaConsumer", late)
        async with house.dispatcher(MASTER_KEY):
            yield catalog


async def test_an_action_that_was_just_registered_is_carried_out(house: House, catalog: Catalog) -> None:
    await house.register(catalog, "before")
    assert isinstance(await house.deliver("before", kind="server"), InvocationCompleted)
    await house.register(catalog)
    assert isinstance(await house.deliver(kind="server"), InvocationCompleted)


async def test_what_begins_after_a_url_was_changed_goes_to_the_new_one(house: House, catalog: Catalog) -> None:
    await house.register(catalog)
    assert isinstance(await house.deliver(kind="server"), InvocationCompleted)
    async with receiving() as moved:
        moved.secrets = house.receiver.secrets
        assert (await catalog.patch(f"/actions/{NAME}", {"endpoint_url": moved.url})).status == 200
        assert isinstance(await house.deliver(kind="server"), InvocationCompleted)

        assert (len(house.receiver.posts), len(moved.posts)) == (1, 1)


async def test_a_secret_that_was_just_revoked_signs_nothing_more(house: House, catalog: Catalog) -> None:
    old = await house.register(catalog)
    assert isinstance(await house.deliver(kind="server"), InvocationCompleted)
    status, answer = await catalog.post(ROTATE, {"grace_seconds": 0})
    assert status == 200
    new = str(answer["signing_secret"])
    house.receiver.secrets.append(new)
    assert isinstance(await house.deliver(kind="server"), InvocationCompleted)

    assert [(post.signed_by, post.signatures) for post in house.receiver.posts] == [(old, 1), (new, 1)]
