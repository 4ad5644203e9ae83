"""An HTTP server of the chassis on loopback, with keys and projects that tests hand out."""

from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

import aiohttp
from prometheus_client import CollectorRegistry

from libs.chassis.db.errors import Unavailable
from libs.chassis.decider import Rejected
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
    uses: list[str] = field(default_factory=list)

    async def principal(self, token: str) -> Principal | None:
        self.lookups += 1
        return self.keys.get(token)

    def used(self, principal: Principal) -> None:
        self.uses.append(principal.key_id)

    def revoke(self, token: str) -> None:
        del self.keys[token]
        self.version += 1


@dataclass
class FakeProjects:
    """The projects that exist, and those of them that take no changes."""

    handles: set[str] = field(default_factory=lambda: {"acme", "other"})
    archived: set[str] = field(default_factory=set)

    async def admits(self, _principal: Principal, handle: str) -> bool:
        return handle in self.handles

    async def closed(self, handle: str) -> Rejected | None:
        return (
            Rejected("invalid_state", "expected it open, but it is not", None, "shut")
            if handle in self.archived
            else None
        )


@dataclass
class Served:
    """A server that listens, and a client that talks to it."""

    door: Door
    server: HttpServer
    client: aiohttp.ClientSession
    keys: FakeAuthenticator
    projects: FakeProjects
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
    keys, projects, registry = FakeAuthenticator(), FakeProjects(), CollectorRegistry()
    door = Door(routes, keys, projects, limits, DoorMetrics(registry), unavailable=(TimeoutError, Unavailable))
    door.open = True
    server = HttpServer(door, "127.0.0.1", 0, limits)
    await server.start()
    host, port = server.address
    async with aiohttp.ClientSession(f"http://{host}:{port}") as client:
        try:
            yield Served(door, server, client, keys, projects, registry)
        finally:
            await server.stop()
