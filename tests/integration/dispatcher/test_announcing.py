"""What the dispatcher says outside of its loops: who is overtaken looks again, and nothing is offered twice."""

from collections.abc import AsyncIterator, Sequence
from datetime import timedelta
from typing import ClassVar

import pytest

from deploy.local.servers import Database
from libs.chassis.bus.producer import Producer
from libs.chassis.clock import SystemClock
from libs.chassis.db.errors import Unavailable
from libs.chassis.db.link import Link
from libs.chassis.journal.entry import Context, Entry
from libs.chassis.outbox.relay import Relay
from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.integrations.port import Integration, IntegrationAction, InvocationContext
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.verdict import Success, Verdict
from services.dispatcher.store import connection_tests
from services.dispatcher.workers.platform_announcer import TRIES, PlatformAnnouncer
from tests.integration.chassis.write_path import NOW, migrated


class Toy(Integration):
    """Is offered under a title."""

    slug: ClassVar[str] = "toy"
    description = "For tests."
    actions: ClassVar[Sequence[IntegrationAction]] = (IntegrationAction("toy.do", "Do", "", {}, {}, Annotations()),)

    def __init__(self, title: str) -> None:
        self.title = title  # type: ignore[misc]

    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        return Success(None)


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    yield link
    await link.close()


@pytest.fixture
def relay(database: Database) -> Relay:
    """It is not started, so what it is offered stays where it can be counted."""
    return Relay("dispatcher", database.service_urls["dispatcher"], Producer("127.0.0.1:9", "nobody"))


def announcer(link: Link, relay: Relay, title: str) -> PlatformAnnouncer:
    return PlatformAnnouncer(link, relay, SystemClock(), IntegrationRegistry([Toy(title)]))


class Overtaken(PlatformAnnouncer):
    """Somebody else says something between its look and its word, so many times."""

    def __init__(self, link: Link, relay: Relay, times: int) -> None:
        super().__init__(link, relay, SystemClock(), IntegrationRegistry([Toy("ours")]))
        self._others = [announcer(link, relay, f"theirs {number}") for number in range(times)]

    async def _differences(self) -> list[Entry]:
        differences = await super()._differences()
        if self._others:
            await self._others.pop().start()
        return differences


async def test_an_announcer_that_is_overtaken_looks_again(link: Link, relay: Relay) -> None:
    overtaken = Overtaken(link, relay, TRIES - 1)
    await overtaken.start()
    assert overtaken.ready() is None


async def test_an_announcer_that_never_gets_to_speak_is_not_ready(link: Link, relay: Relay) -> None:
    overtaken = Overtaken(link, relay, TRIES)
    with pytest.raises(Unavailable):
        await overtaken.start()
    assert overtaken.ready() == "the platform actions are not announced yet"


async def test_a_trial_is_offered_to_the_relay_once(link: Link, relay: Relay) -> None:
    tests = connection_tests.ConnectionTests(link, relay, timedelta(0))
    tested = connection_tests.Tested("toy", 1, passed=True)
    await tests.record(tested, Context("dispatcher", "p", NOW, "key_1"))
    assert relay.backlog.events == 2, "the event and the state"
