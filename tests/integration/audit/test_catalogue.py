"""What the audit knows of actions, read from the real topics of catalog and dispatcher."""

from deploy.local.servers import LocalServers
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.replica import StateReader
from libs.chassis.ids import new_id
from services.audit.store.catalogue import Catalogue
from tests.integration.engine.speaking import Speaker


async def test_an_action_that_was_just_registered_is_there_after_a_look(servers: LocalServers) -> None:
    await servers.create_topics()
    producer = Producer(servers.kafka_bootstrap, "test-speaker")
    speaker = Speaker(producer, new_id("p").replace("_", "-"))
    catalogue = Catalogue()
    reader = StateReader(servers.kafka_bootstrap, "test-catalogue", catalogue.feeds)
    catalogue.read_with(reader.catch_up)
    await reader.start()
    try:
        await speaker.register("ab")
        await speaker.offer("slack.post-message")
        await catalogue.catch_up()
        assert [card.name for card in catalogue.actions(speaker.project) if card.source == "project"] == ["ab"]
        assert catalogue.action(speaker.project, "slack.post-message") is not None
        assert catalogue.action("elsewhere", "ab") is None
    finally:
        await reader.stop()
        await producer.stop()
