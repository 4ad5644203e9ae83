"""An HTTP server of the chassis on loopback, with keys and projects that tests hand out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from prometheus_client import CollectorRegistry

from libs.chassis.db.errors import Unavailable
from libs.chassis.http import AnyRoute, Principal, Role
from libs.chassis.http.door import Door
from libs.chassis.http.limits import HttpLimits
from libs.chassis.http.metrics import DoorMetrics
from libs.chassis.http.server import HttpServer

ADMIN = "mbx_admin"
VIEWER = "mbx_viewer"
ROOT = "mbx_root"


@dataclass
class FakeAuthenticator:
    """Keys in a dictionary; `revoke` takes one away at once."""

    keys: dict[str, Principal] = field(
        default_factory=lambda: {
            ADMIN: Principal("key_admin", Role.ADMIN, "acme"),
            VIEWER: Principal("key_viewer", Role.VIEWER, "acme"),
            ROOT: Principal("key_root", Role.ADMIN, None),
        }
    )
    version: int = 1
    lookups: int = 0

    async def principal(self, token: str) -> Principal | None:
        self.lookups += 1
        return self.keys.get(token)

    def revoke(self, token: str) -> None:
        del self.keys[token]
        self.version += 1


@dataclass
class FakeProjects:
    """The projects that exist."""

    handles: set[str] = field(default_factory=lambda: {"acme", "other"})

    async def exists(self, handle: str) -> bool:
        return handle in self.handles


@dataclass
class Served:
    """A server that listens, and a client that talks to it."""

    door: Door
    server: HttpServer
    client: aiohttp.ClientSession
    keys: FakeAuthenticator
    registry: CollectorRegistry

    async def ask(
        self,
        method: str,
        path: str,
        *,
        key: str | None = ADMIN,
        headers: Mapping[str, str] | None = None,
        data: bytes | None = None,
    ) -> tuple[int, bytes, Mapping[str, str]]:
        """Status, body and headers of one request, sent as it is written."""
        sent = {"Authorization": f"Bearer {key}"} if key else {}
        if data is not None:
            sent["Content-Type"] = "application/json"
        sent.update(headers or {})
        async with self.client.request(method, path, headers=sent, data=data) as response:
            return response.status, await response.read(), response.headers


@asynccontextmanager
async def serving(routes: Sequence[AnyRoute], limits: HttpLimits | None = None) -> AsyncIterator[Served]:
    """Serves the routes until the block ends."""
    limits = limits or HttpLimits(drain_seconds=5)
    keys, registry = FakeAuthenticator(), CollectorRegistry()
    door = Door(routes, keys, FakeProjects(), limits, DoorMetrics(registry), unavailable=(TimeoutError, Unavailable))
    door.open = True
    server = HttpServer(door, "127.0.0.1", 0, limits)
    await server.start()
    host, port = server.address
    async with aiohttp.ClientSession(f"http://{host}:{port}") as client:
        try:
            yield Served(door, server, client, keys, registry)
        finally:
            await server.stop()
