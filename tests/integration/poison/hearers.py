"""Whole services that hear, each with its real handler, and what a test asks of them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from importlib import import_module
from typing import Any

import aiohttp
from pydantic import SecretStr

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.consumer import Consumer
from libs.chassis.bus.producer import Producer
from libs.chassis.db.link import Link
from libs.chassis.ids import new_id
from libs.chassis.service import App, Chassis, Service
from libs.contracts.codec import JsonObject
from tests.integration.dispatcher.conftest import MASTER_KEY
from tests.integration.engine.speaking import TOKENS, Speaker
from tests.integration.poison.calls import Client
from tests.integration.poison.records import Publisher
from tests.integration.poison.subjects import SUBJECTS, Stream, Subject
from tests.integration.poison.troubled import Troubled

HANDLER_SECONDS = 0.5
"""Long enough for a batch on a busy machine; a batch that takes longer is only handled record by record."""


@dataclass
class Hearer:
    """One replica of a service, as it runs."""

    name: str
    service: Service
    consumer: Consumer
    troubled: Troubled
    link: Link
    client: Client
    subject: Subject

    @property
    def operations(self) -> str:
        return f"/v1/operations/{self.name}"

    async def until(self, holds: Callable[[], Awaitable[bool]], within: float = 30) -> None:
        async with asyncio.timeout(within):
            while not await holds():
                await asyncio.sleep(0.02)

    async def until_heard(self, stream: Stream, count: int) -> None:
        async def heard() -> bool:
            return len(self.troubled.heard_of(stream.id)) >= count

        await self.until(heard)

    async def parked(self) -> dict[str, JsonObject]:
        """What the API says is parked, by stream."""
        return {str(one["stream"]): one for one in await self.client.items(f"{self.operations}/parked-streams")}

    async def look_at(self, stream: Stream) -> JsonObject:
        parked_id = (await self.parked())[stream.id]["id"]
        status, answer = await self.client.call("GET", f"{self.operations}/parked-streams/{parked_id}")
        assert status == 200, answer
        return answer

    async def resume(self, stream: Stream, **body: object) -> tuple[int, JsonObject]:
        parked_id = (await self.parked())[stream.id]["id"]
        return await self.client.call("POST", f"{self.operations}/parked-streams/{parked_id}/resume", body or None)

    async def until_parked(self, stream: Stream, kept: int, reason: str = "") -> None:
        async def so() -> bool:
            found = (await self.parked()).get(stream.id)
            return found is not None and found["kept_records"] == kept and reason in ("", found["reason"])

        await self.until(so)

    async def until_at_rest(self, stream: Stream) -> None:
        """Until it was tried to let the stream go on."""

        async def so() -> bool:
            found = (await self.parked()).get(stream.id)
            return found is None or not found["going_on"]

        await self.until(so)

    async def letters(self) -> dict[int, str]:
        """The reason of each dead letter, by the offset of its record."""
        found = await self.client.items(f"{self.operations}/dead-letters")
        offsets = [int(str(one["offset"])) for one in found]
        assert len(set(offsets)) == len(offsets), "expected each record in the dead letters once"
        return {offset: str(one["reason"]) for offset, one in zip(offsets, found, strict=True)}


@asynccontextmanager
async def hearing(
    servers: LocalServers, database: Database, publisher: Publisher, name: str, project: str, instance: str = "a"
) -> AsyncIterator[Hearer]:
    """A replica of a service on this database, until the end of the block."""
    app, service = built(servers, database, name, instance)
    [consumer] = [part for part in app.components if isinstance(part, Consumer)]
    consumer.handling.handle = troubled = Troubled(consumer.handling.handle)
    link = Link(database.service_urls[name], f"test-{name}")
    try:
        await service.start()
        host, port = service.server.address
        async with aiohttp.ClientSession() as http:
            client = Client(http, f"http://{host}:{port}", TOKENS["admin"])
            subject = SUBJECTS[name, publisher.topic](client, link, project)
            yield Hearer(name, service, consumer, troubled, link, client, subject)
    finally:
        await service.stop()
        await link.close()


def built(servers: LocalServers, database: Database, name: str, instance: str) -> tuple[App, Service]:
    """A service, composed and not started."""
    module: Any = import_module(f"services.{name}.settings")
    kind = getattr(module, f"{name.capitalize()}Settings")
    more = {"master_key": SecretStr(MASTER_KEY)} if "master_key" in kind.model_fields else {}
    settings = kind(
        postgres_url=SecretStr(database.service_urls[name]),
        kafka_bootstrap=servers.kafka_bootstrap,
        handler_seconds=HANDLER_SECONDS,
        instance_id=instance,
        **more,
    )
    chassis = Chassis(name)
    app = import_module(f"services.{name}.app").build(settings, chassis)
    return app, Service(app, settings, chassis.registry)


@asynccontextmanager
async def a_project(servers: LocalServers) -> AsyncIterator[str]:
    """A project with keys and actions, as the catalog would announce it; answers its handle."""
    await servers.create_topics()
    producer = Producer(servers.kafka_bootstrap, "test-speaker")
    speaker = Speaker(producer, new_id("p").replace("_", "-"))
    await speaker.open_project()
    yield speaker.project
    await producer.stop()
