"""States that are said without a journal, on a real broker: what a subscriber may rely on holds for them too."""

from datetime import timedelta

from deploy.local.servers import LocalServers
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.bus.state_speaker import Said, StateSpeaker
from libs.chassis.ids import new_id
from libs.contracts.events.shared import ApiKeyUseState
from libs.contracts.topics import topic_for
from tests.doubles.clock import NOON, FakeClock
from tests.integration.chassis.said_states import said

TOPIC = topic_for("audit", ApiKeyUseState.type)


def used(key: str, seconds: float) -> Said:
    return Said(key, "", ApiKeyUseState(key_id=key, last_used_at=NOON + timedelta(seconds=seconds)))


async def test_the_last_word_on_each_key_stands_whoever_says_it_and_whatever_was_said_before(
    servers: LocalServers,
) -> None:
    await servers.create_topics()
    one, two, clock = new_id("key"), new_id("key"), FakeClock()
    producer = Producer(servers.kafka_bootstrap, "test-speaker")
    before, again = (StateSpeaker("audit", "key-use", producer, clock) for _ in range(2))
    await before.say([used(one, 1), used(two, 2), used(one, 3)])
    await again.say([used(two, 4)])
    await again.say([])
    await producer.stop()
    told = Replica(TOPIC.name, ApiKeyUseState)
    reader = StateReader(servers.kafka_bootstrap, "test-states", [told])
    await reader.start()
    await reader.stop()
    events = await said(servers.kafka_bootstrap, TOPIC, one, two)

    assert {key: told[key].last_used_at for key in (one, two)} == {
        one: NOON + timedelta(seconds=3),
        two: NOON + timedelta(seconds=4),
    }
    assert [(event.partitionkey, event.sequence) for event in events] == [(one, 1), (two, 1), (one, 1), (two, 1)]
    assert len({event.id for event in events}) == 4
