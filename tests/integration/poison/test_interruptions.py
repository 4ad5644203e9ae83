"""What legitimate traffic looks like when processes die, pause and take over: nothing of it parks anything."""

from collections.abc import Sequence
from contextlib import AsyncExitStack

import pytest

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.handling import TRIES
from tests.emptying import clear
from tests.integration.poison.hearers import Hearer, hearing
from tests.integration.poison.records import PARTITION, Publisher
from tests.integration.poison.subjects import Stream

TOPIC = "mobius.dispatcher-events.v1"
pytestmark = pytest.mark.parametrize("pair", [("audit", TOPIC)], ids=["audit"], scope="module")


async def put(publisher: Publisher, hearer: Hearer, stream: Stream, sequences: Sequence[int]) -> None:
    """Records of a stream; those with equal sequences are equal, as a relay would repeat them."""
    for sequence in sequences:
        raw = KEPT.setdefault((stream.id, sequence), hearer.subject.good(stream, sequence))
        await publisher.put(raw)


KEPT: dict[tuple[str, int], bytes] = {}


class Replicas:
    """Starts replicas of the audit on one database."""

    def __init__(self, servers: LocalServers, database: Database, publisher: Publisher, project: str) -> None:
        self._parts = (servers, database, publisher, "audit", project)

    async def start(self, stack: AsyncExitStack, instance: str) -> Hearer:
        return await stack.enter_async_context(hearing(*self._parts, instance))


@pytest.fixture
async def replicas(servers: LocalServers, database: Database, publisher: Publisher, project: str) -> Replicas:
    """On a fresh database, to which everything on the topic is new."""
    await clear(servers.kafka_bootstrap, TOPIC)
    return Replicas(servers, database, publisher, project)


async def test_a_relay_that_repeats_its_tail_in_order_changes_nothing(publisher: Publisher, replicas: Replicas) -> None:
    async with AsyncExitStack() as first:
        hearer = await replicas.start(first, "a")
        stream = await hearer.subject.open()
        await put(publisher, hearer, stream, [1, 2, 3, 4, 3, 4, 2, 3, 4, 5])
        await hearer.until_heard(stream, 5)
        assert hearer.troubled.heard_of(stream.id) == [1, 2, 3, 4, 5]
    async with AsyncExitStack() as second:
        hearer = await replicas.start(second, "a")
        await put(publisher, hearer, stream, [3, 4, 5, 6])
        await hearer.until_heard(stream, 4)
        assert await hearer.subject.effects(stream) == [1, 2, 3, 4, 5, 6]
        assert (await hearer.parked(), await hearer.letters()) == ({}, {})


async def test_old_repeats_behind_a_restart_are_not_taken_for_a_gap(publisher: Publisher, replicas: Replicas) -> None:
    async with AsyncExitStack() as first:
        hearer = await replicas.start(first, "a")
        stream, gapped = await hearer.subject.open(), await hearer.subject.open()
        await put(publisher, hearer, gapped, [1])
        await put(publisher, hearer, stream, [1, 2, 3, 4, 5])
        await hearer.until_heard(stream, 5)
    async with AsyncExitStack() as second:
        hearer = await replicas.start(second, "a")
        await put(publisher, hearer, gapped, [1, 3])
        await put(publisher, hearer, stream, [2, 3, 6, 7])
        await hearer.until_heard(stream, 4)
        assert hearer.troubled.heard_of(stream.id) == [2, 3, 6, 7]
        assert list(await hearer.parked()) == [gapped.id]


async def test_what_is_parked_stays_so_over_a_restart_and_goes_on_in_order(
    publisher: Publisher, replicas: Replicas
) -> None:
    async with AsyncExitStack() as first:
        hearer = await replicas.start(first, "a")
        stream = await hearer.subject.open()
        hearer.troubled.raising.add((stream.id, 2))
        await put(publisher, hearer, stream, [1, 2, 3])
        await hearer.until_parked(stream, kept=2)
    async with AsyncExitStack() as second:
        hearer = await replicas.start(second, "a")
        await put(publisher, hearer, stream, [2, 3, 4])
        await hearer.until_parked(stream, kept=5)
        assert await hearer.client.metric("mobius_parked_streams") == 1
        await hearer.resume(stream)
        await hearer.until_heard(stream, 3)
        assert hearer.troubled.heard_of(stream.id) == [2, 3, 4]
        assert await hearer.subject.effects(stream) == [1, 2, 3, 4]
        assert list((await hearer.letters()).values()) == ["handler_failed"]


async def test_who_hears_everything_anew_sets_nothing_aside_twice(publisher: Publisher, replicas: Replicas) -> None:
    async with AsyncExitStack() as first:
        hearer = await replicas.start(first, "a")
        stream, buggy = await hearer.subject.open(), await hearer.subject.open()
        hearer.troubled.raising.add((buggy.id, 1))
        bad = await publisher.put(b"no event")
        failing = await publisher.put(hearer.subject.good(buggy, 1))
        await put(publisher, hearer, stream, [1, 2])
        await hearer.until_heard(stream, 2)
        await hearer.until_parked(buggy, kept=1)
        await hearer.link.rows("DELETE FROM positions")
    async with AsyncExitStack() as second:
        hearer = await replicas.start(second, "a")
        await put(publisher, hearer, stream, [3])
        await hearer.until_heard(stream, 3)
        assert hearer.troubled.heard_of(stream.id) == [1, 2, 3]
        assert await hearer.letters() == {bad: "undecodable", failing: "handler_failed"}
        assert (await hearer.parked())[buggy.id]["kept_records"] == 1


async def test_any_replica_may_be_asked_to_let_a_stream_go_on(publisher: Publisher, replicas: Replicas) -> None:
    async with AsyncExitStack() as stack:
        both = [await replicas.start(stack, instance) for instance in ("a", "b")]
        stream = await both[0].subject.open()
        for hearer in both:
            hearer.troubled.raising.add((stream.id, 1))
        await put(publisher, both[0], stream, [1, 2, 3])
        await both[0].until_parked(stream, kept=3)
        holders = [(TOPIC, PARTITION) in hearer.consumer.held for hearer in both]
        assert sorted(holders) == [False, True]
        other, holder = sorted(both, key=lambda hearer: (TOPIC, PARTITION) in hearer.consumer.held)
        for hearer in both:
            hearer.troubled.raising.clear()
        await other.resume(stream)
        await holder.until_heard(stream, 3)
        assert holder.troubled.heard_of(stream.id) == [1, 2, 3]
        assert (other.troubled.took_effect, await other.parked()) == ([], {})


async def test_what_is_away_is_waited_for_however_often(publisher: Publisher, replicas: Replicas) -> None:
    async with AsyncExitStack() as stack:
        hearer = await replicas.start(stack, "a")
        stream = await hearer.subject.open()
        hearer.troubled.away[stream.id, 2] = TRIES
        await put(publisher, hearer, stream, [1, 2, 3])
        await hearer.until_heard(stream, 3)
        assert hearer.troubled.heard_of(stream.id) == [1, 2, 3]
        assert hearer.troubled.away[stream.id, 2] == 0
        assert (await hearer.parked(), await hearer.letters()) == ({}, {})
