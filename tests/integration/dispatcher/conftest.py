"""A whole dispatcher on real Kafka and PostgreSQL, with a client that has a key."""

from collections.abc import AsyncIterator
from dataclasses import dataclass

import aiohttp
import pytest
from pydantic import SecretStr

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.producer import Producer
from libs.chassis.ids import new_id
from libs.chassis.service import Chassis, Service
from services.dispatcher.app import build
from services.dispatcher.settings import DispatcherSettings
from tests.integration.dispatcher.speaking import TOKEN, Speaker

MASTER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="


@dataclass
class Dispatcher:
    """The service under test. `url` is the project's; `http` carries the key."""

    speaker: Speaker
    http: aiohttp.ClientSession
    url: str

    async def post(self, path: str, body: object) -> tuple[int, dict[str, object]]:
        async with self.http.post(self.url + path, json=body) as response:
            return response.status, (await response.json() if response.status != 204 else {})

    async def get(self, path: str) -> tuple[int, dict[str, object]]:
        async with self.http.get(self.url + path) as response:
            return response.status, await response.json()

    async def claim(self, token: str = "t1", wait: int = 10, **more: object) -> tuple[int, dict[str, object]]:
        introduction = {"worker_instance_id": f"w-{token}", "worker_session_token": token, "concurrency_limit": 1}
        return await self.post("/jobs/claim", {**introduction, "wait_seconds": wait, **more})


def settings_of(servers: LocalServers, database: Database, **more: object) -> DispatcherSettings:
    return DispatcherSettings(
        postgres_url=SecretStr(database.service_urls["dispatcher"]),
        kafka_bootstrap=servers.kafka_bootstrap,
        master_key=SecretStr(MASTER_KEY),
        **more,  # type: ignore[arg-type]
    )


@pytest.fixture
async def dispatcher(servers: LocalServers, database: Database) -> AsyncIterator[Dispatcher]:
    await servers.create_topics()
    producer = Producer(servers.kafka_bootstrap, "test-speaker")
    speaker = Speaker(producer, new_id("p").replace("_", "-"))
    await speaker.open_project()
    settings = settings_of(servers, database, lease_seconds=2.0, announce_after_seconds=0.5)
    chassis = Chassis("dispatcher")
    service = Service(build(settings, chassis), settings, chassis.registry)
    await service.start()
    host, port = service.server.address
    async with aiohttp.ClientSession(headers={"Authorization": f"Bearer {TOKEN}"}) as http:
        yield Dispatcher(speaker, http, f"http://{host}:{port}/v1/projects/{speaker.project}")
    await service.stop()
    await producer.stop()
