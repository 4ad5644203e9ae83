"""A catalog that runs inside the test, over real HTTP, and what a test does with it."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Any

import aiohttp
from pydantic import SecretStr

from deploy.local.servers import Database, LocalServers
from libs.chassis.ids import new_id
from libs.chassis.service import Chassis, Service
from services.catalog.app import build
from services.catalog.settings import CatalogSettings

MASTER_KEY = "AAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAAA="
ENDPOINT = "http://127.0.0.1:9/summarize"


@dataclass(frozen=True)
class Shown:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    body: dict[str, object]

    @property
    def tag(self) -> str:
        return self.headers["ETag"]

    @property
    def error(self) -> dict[str, Any]:
        error = self.body["error"]
        assert isinstance(error, dict)
        return error


@dataclass
class Catalog:
    """The service under test. `http` carries the bootstrap key; paths are below the first project."""

    settings: CatalogSettings
    http: aiohttp.ClientSession
    origin: str
    project: str

    async def post(self, path: str, body: object, **more: object) -> tuple[int, dict[str, object]]:
        return await self.call("POST", path, json=body, **more)

    async def get(self, path: str, **more: object) -> tuple[int, dict[str, object]]:
        return await self.call("GET", path, **more)

    async def call(self, method: str, path: str, **more: object) -> tuple[int, dict[str, object]]:
        """`path` begins with `/v1` or is below the project."""
        below = "" if path.startswith("/v1") else f"/v1/projects/{self.project}"
        async with self.http.request(method, self.origin + below + path, **more) as response:  # type: ignore[arg-type]
            return response.status, await response.json() if response.content_length else {}

    async def ask(self, method: str, path: str, **more: object) -> Shown:
        """As `call`, with the headers of the answer."""
        whole = f"{self.origin}/v1/projects/{self.project}{path}"
        async with self.http.request(method, whole, **more) as response:  # type: ignore[arg-type]
            return Shown(response.status, response.headers, await response.json() if response.content_length else {})

    async def patch(self, path: str, body: object, **more: object) -> Shown:
        return await self.ask("PATCH", path, json=body, **more)

    async def delete(self, path: str, **more: object) -> Shown:
        return await self.ask("DELETE", path, **more)

    async def create(self, name: str, **more: object) -> dict[str, object]:
        status, action = await self.post("/actions", {"name": name, "endpoint_url": ENDPOINT, **more})
        assert status == 201, action
        return action


def new_installation(servers: LocalServers, database: Database) -> CatalogSettings:
    """With a project and a key that nothing else has."""
    return CatalogSettings(
        postgres_url=SecretStr(database.service_urls["catalog"]),
        kafka_bootstrap=servers.kafka_bootstrap,
        master_key=SecretStr(MASTER_KEY),
        bootstrap_project=new_id("p").replace("_", "-"),
        bootstrap_api_key=SecretStr(f"mbx_{new_id('test')}"),
        allowed_targets=("127.0.0.0/8",),
    )


@asynccontextmanager
async def started(settings: CatalogSettings) -> AsyncIterator[Catalog]:
    """A catalog with these settings, until the end of the block."""
    chassis = Chassis("catalog")
    service = Service(build(settings, chassis), settings, chassis.registry)
    try:
        await service.start()
        await _ready(service)
        host, port = service.server.address
        assert settings.bootstrap_api_key is not None
        key = {"Authorization": f"Bearer {settings.bootstrap_api_key.get_secret_value()}"}
        async with aiohttp.ClientSession(headers=key) as http:
            yield Catalog(settings, http, f"http://{host}:{port}", settings.bootstrap_project)
    finally:
        await service.stop()


async def _ready(service: Service) -> None:
    """A started service answers; it is ready as soon as its relay has reached the database too."""
    async with asyncio.timeout(5):
        while service.reasons():
            await asyncio.sleep(0.005)


def bearer(token: str) -> dict[str, str]:
    """The header of another key."""
    return {"Authorization": f"Bearer {token}"}
