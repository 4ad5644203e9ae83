"""Two replicas that both believe to hold a partition: whoever lets a stream go on, no record is lost or doubled."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import cast

import pytest
from prometheus_client import CollectorRegistry

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus import resumer
from libs.chassis.bus.batch import Effects, Heard
from libs.chassis.bus.consumer_metrics import ConsumerMetrics
from libs.chassis.bus.handling import Handler, Handling
from libs.chassis.bus.ledger import Ledger
from libs.chassis.bus.parking import read_parked
from libs.chassis.bus.resumer import Resumer
from libs.chassis.bus.streams import Streams
from libs.chassis.db.link import Link
from libs.chassis.outbox.relay import Relay
from tests.emptying import clear
from tests.integration.poison.hearers import Hearer, hearing
from tests.integration.poison.records import PARTITION, Publisher
from tests.integration.poison.subjects import Stream

TOPIC = "mobius.dispatcher-events.v1"
PLACE = (TOPIC, PARTITION)
pytestmark = pytest.mark.parametrize("pair", [("audit", TOPIC)], ids=["audit"], scope="module")


class Unheard:
    """The relay of a process that is about to end."""

    def offer(self, _entries: object) -> None:
        pass


@pytest.fixture
async def holder(
    servers: LocalServers, database: Database, publisher: Publisher, project: str, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[Hearer]:
    """Who holds the partition, and does not look for wishes by itself until it is told to."""
    await clear(servers.kafka_bootstrap, TOPIC)
    async with hearing(servers, database, publisher, "audit", project) as holder:
        monkeypatch.setattr(resumer, "ASK_EVERY_SECONDS", 1e9)
        yield holder


async def parked_at_two(publisher: Publisher, holder: Hearer) -> Stream:
    """A stream of three records, parked at its second; somebody has asked it to go on, and the bug is gone."""
    stream = await holder.subject.open()
    holder.troubled.raising.add((stream.id, 2))
    for sequence in (1, 2, 3):
        await publisher.put(holder.subject.good(stream, sequence))
    await holder.until_parked(stream, kept=2)
    holder.troubled.raising.clear()
    await holder.resume(stream)
    return stream


async def resumed_by_zombie(database: Database, handle: Handler) -> None:
    """What a replica does that has lost the partition and does not know it."""
    link = Link(database.service_urls["audit"], "test-zombie")
    streams = Streams()
    streams.begin({PLACE: 0}, await read_parked(link, [PLACE]))
    ledger = Ledger("audit", link, cast(Relay, Unheard()), ConsumerMetrics(CollectorRegistry()))
    await Resumer(link, ledger, Handling(handle, link, timedelta(seconds=20)), streams).step([PLACE])
    await link.close()


async def test_a_holder_that_does_not_know_that_its_stream_went_on_elsewhere_goes_on_too(
    publisher: Publisher, holder: Hearer, database: Database
) -> None:
    stream = await parked_at_two(publisher, holder)
    await resumed_by_zombie(database, holder.troubled)
    assert (holder.troubled.heard_of(stream.id), await holder.parked()) == ([1, 2, 3], {})
    await publisher.put(holder.subject.good(stream, 4))
    await holder.until_heard(stream, 4)
    assert holder.troubled.heard_of(stream.id) == [1, 2, 3, 4]
    assert await holder.subject.effects(stream) == [1, 2, 3, 4]
    assert await holder.link.rows("SELECT 1 FROM kept_records") == []


async def idle(_held: object) -> None:
    """Lets nothing go on."""


async def test_a_record_that_comes_while_a_zombie_lets_the_stream_go_on_is_not_left_behind(
    publisher: Publisher, holder: Hearer, database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    stream = await parked_at_two(publisher, holder)
    step = holder.consumer._resumer.step
    monkeypatch.setattr(holder.consumer._resumer, "step", idle)  # so that the zombie is the first to write

    async def overtaken(heard: Sequence[Heard]) -> Effects:
        offset = await publisher.put(holder.subject.good(stream, 4))

        async def consumed() -> bool:
            where = "topic = $1 AND partition = $2 AND next_offset > $3"
            return bool(await holder.link.rows(f"SELECT 1 FROM positions WHERE {where}", *PLACE, offset))

        await holder.until(consumed)
        return await holder.troubled(heard)

    await resumed_by_zombie(database, overtaken)
    monkeypatch.setattr(holder.consumer._resumer, "step", step)
    await holder.until_heard(stream, 4)
    assert holder.troubled.heard_of(stream.id) == [1, 2, 3, 4]
    assert await holder.subject.effects(stream) == [1, 2, 3, 4]
    assert await holder.link.rows("SELECT 1 FROM kept_records") == []
    assert await holder.parked() == {}
