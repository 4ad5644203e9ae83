"""Bad records on a compacted topic: a replica reads over them, and has the good ones."""

from aiokafka import AIOKafkaProducer

from deploy.local.servers import LocalServers
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.journal.entry import Context, entry
from libs.contracts.events.catalog import ProjectState
from libs.contracts.topics import Topic
from tests.integration.engine.speaking import now
from tests.integration.poison.records import Publisher

TOPIC = Topic(
    name="test.project-state.v1",
    description="As the catalog's.",
    speaker="catalog",
    partitions=1,
    compacted=True,
    types=(ProjectState.type,),
)


def good(handle: str) -> bytes:
    state = ProjectState(project_id="prj_1", handle=handle, name=handle)
    return entry(Context(service="catalog", project=handle, now=now()), f"ps/{handle}", 1, handle, state).raw


async def test_a_replica_reads_over_what_it_cannot_understand(servers: LocalServers) -> None:
    await servers.create_topics([TOPIC])
    producer = AIOKafkaProducer(bootstrap_servers=servers.kafka_bootstrap)
    await producer.start()
    publisher = Publisher(producer, TOPIC.name)
    for value in (None, b"", b"\xff", b"{", b"[" * 50_000, good("x").replace(b'"name":"x"', b'"name":1')):
        await publisher.put(value, key=b"bad")
    await publisher.put(good("one"), key=b"one")
    await publisher.put(good("two"), [("odd", b"\xff")], key=b"two")
    await publisher.put_with_odd_name(good("key"))
    await publisher.put(good("three"), key=b"\xff\xfe")
    await publisher.put(good("four"), key=b"four")
    await producer.stop()
    projects = Replica(TOPIC.name, ProjectState)
    reader = StateReader(servers.kafka_bootstrap, "test-states", [projects])
    await reader.start()
    await reader.stop()
    assert {key: state.handle for key, state in projects.items()} == {
        "one": "one",
        "two": "two",
        "key": "key",
        "four": "four",
    }
