"""A catalog and a dispatcher of one installation, and an endpoint; steps are scheduled as the engine would."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import asyncpg
from pydantic import SecretStr

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.producer import Producer
from libs.chassis.ids import new_id
from libs.chassis.service import Chassis, Service
from libs.contracts.events.dispatcher import InvocationCompleted, InvocationFailed, JobCompleted, JobFailed
from libs.contracts.registry import decode
from services.catalog.settings import CatalogSettings
from services.dispatcher.app import build
from services.dispatcher.domain.jobs import Kind
from services.dispatcher.settings import DispatcherSettings
from tests.integration.catalog.running import Catalog, started
from tests.integration.dispatcher.speaking import Speaker
from tests.integration.secrets.receiving import PATIENCE_SECONDS, Receiver

LOOPBACK = ("127.0.0.0/8",)
NAME = "work"
SECRET = f"/actions/{NAME}/secret"
ROTATE = f"{SECRET}/rotate"
LOOK_AGAIN_SECONDS = 0.05

Ended = JobCompleted | JobFailed | InvocationCompleted | InvocationFailed


@dataclass
class House:
    """What is the same before and after a restart."""

    servers: LocalServers
    database: Database
    receiver: Receiver
    speaker: Speaker
    key: str = field(default_factory=lambda: f"mbx_{new_id('house')}")

    @asynccontextmanager
    async def catalog(self, master_key: str) -> AsyncIterator[Catalog]:
        """A catalog that has these master keys, until the end of the block."""
        settings = CatalogSettings(
            postgres_url=SecretStr(self.database.service_urls["catalog"]),
            kafka_bootstrap=self.servers.kafka_bootstrap,
            master_key=SecretStr(master_key),
            bootstrap_project=self.speaker.project,
            bootstrap_api_key=SecretStr(self.key),
            allowed_targets=LOOPBACK,
        )
        async with started(settings) as catalog:
            yield catalog

    @asynccontextmanager
    async def dispatcher(self, master_key: str) -> AsyncIterator[None]:
        """A dispatcher that has these master keys, until the end of the block."""
        settings = DispatcherSettings(
            postgres_url=SecretStr(self.database.service_urls["dispatcher"]),
            kafka_bootstrap=self.servers.kafka_bootstrap,
            master_key=SecretStr(master_key),
            allowed_targets=LOOPBACK,
        )
        chassis = Chassis("dispatcher")
        service = Service(build(settings, chassis), settings, chassis.registry)
        try:
            await service.start()
            yield
        finally:
            await service.stop()

    async def register(self, catalog: Catalog, name: str = NAME) -> str:
        """Makes an action whose endpoint is the receiver, which then knows its secret. Answers the secret."""
        secret = str((await catalog.create(name, endpoint_url=self.receiver.url))["signing_secret"])
        self.receiver.secrets.append(secret)
        return secret

    async def deliver(self, name: str = NAME, kind: Kind = "worker") -> Ended:
        """How one job of the action, or one invocation of it, ended."""
        scheduled = await self.speaker.schedule(new_id("run"), action=name, kind=kind)
        return await self.ended(scheduled.invocation_id)

    async def ended(self, job_id: str) -> Ended:
        connection = await asyncpg.connect(self.database.service_urls["dispatcher"])
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                while True:
                    for row in await connection.fetch("SELECT event FROM journal WHERE stream = $1", job_id):
                        payload = decode(row["event"]).data
                        if isinstance(payload, Ended):
                            return payload
                    await asyncio.sleep(LOOK_AGAIN_SECONDS)
        finally:
            await connection.close()


@asynccontextmanager
async def furnished(servers: LocalServers, database: Database, receiver: Receiver) -> AsyncIterator[House]:
    """A house with its topics and its engine's voice; services are started by the test."""
    await servers.create_topics()
    producer = Producer(servers.kafka_bootstrap, "test-engine")
    try:
        yield House(servers, database, receiver, Speaker(producer, new_id("p").replace("_", "-")))
    finally:
        await producer.stop()


async def seen(
    catalog: Catalog, fits: Callable[[dict[int, dict[str, object]]], bool], name: str = NAME
) -> dict[int, dict[str, object]]:
    """The versions as the API shows them, as soon as they fit."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            status, answer = await catalog.get(f"/actions/{name}/secret")
            assert status == 200, answer
            secrets = answer["secrets"]
            assert isinstance(secrets, list)
            shown = {one["version"]: one for one in secrets}
            if fits(shown):
                return shown
            await asyncio.sleep(LOOK_AGAIN_SECONDS)
