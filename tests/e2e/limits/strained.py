"""A whole installation whose servers are in the test's hand: slow, stopped, full, used up."""

import asyncio
import os
import shutil
import subprocess
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager, contextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
import asyncpg

from deploy.local.credentials import Credentials
from deploy.local.kafka import KafkaBroker
from deploy.local.postgres import SUPERUSER, PostgresServer
from deploy.local.stack import LocalStack, StackOptions
from tests.doubles.postgres_wire import server_of, through
from tests.doubles.slack import LocalServer
from tests.doubles.tcp_proxy import TcpProxy
from tests.e2e.calls import Caller
from tests.e2e.endpoint import Endpoints

DISK_MEGABYTES = 96
"""What the broker's disk holds, where there may be one of its own."""
OUTBOX_EVENTS = 1_000
QUEUE_SECONDS = 2
READ_CONNECTIONS = 2
ENV = {
    "MOBIUS_OUTBOX_EVENTS": str(OUTBOX_EVENTS),
    "MOBIUS_UNPUBLISHED_SECONDS": "10",
    "MOBIUS_DATABASE_SILENT_SECONDS": "5",
    "MOBIUS_QUEUE_SECONDS": str(QUEUE_SECONDS),
    "MOBIUS_READ_CONNECTIONS": str(READ_CONNECTIONS),
    "MOBIUS_METRICS_PUBLIC": "true",
    "DISPATCHER_DELIVERY_PAUSE_SECONDS": "0.2",
}


@dataclass(frozen=True)
class Strained:
    """`proxy` stands between the services and PostgreSQL. `disk` is the broker's own, or None where none can be had."""

    stack: LocalStack
    broker: KafkaBroker
    postgres: PostgresServer
    proxy: TcpProxy
    disk: Path | None
    client: aiohttp.ClientSession
    endpoints: Endpoints

    def caller(self, service: str) -> Caller:
        """Speaks to a service directly, with the administrator's key."""
        return Caller(self.client, self.stack.service_url(service), self.stack.project, self.stack.api_key)

    @asynccontextmanager
    async def superuser(self) -> "AsyncIterator[asyncpg.Connection[asyncpg.Record]]":
        """A connection past the proxy."""
        connection = await asyncpg.connect(self.postgres.url())
        try:
            yield connection
        finally:
            await connection.close()


@asynccontextmanager
async def strained(folder: Path) -> AsyncIterator[Strained]:
    """Starts everything, and stops it at the end of the block."""
    var, endpoints = folder / "servers", Endpoints()
    postgres = PostgresServer(var, Credentials(var).password(SUPERUSER))
    with disk_of_its_own(var / "kafka") as disk:
        broker = KafkaBroker(var)
        await asyncio.gather(postgres.start(), broker.start())
        try:
            async with (
                TcpProxy(server_of(postgres.url())) as proxy,
                LocalServer(endpoints.app()) as endpoint_server,
                aiohttp.ClientSession(
                    connector=aiohttp.TCPConnector(limit=0), timeout=aiohttp.ClientTimeout(total=60)
                ) as client,
            ):
                endpoints.url = endpoint_server.url
                options = StackOptions(
                    postgres_url=through(postgres.url(), proxy.port), kafka_bootstrap=broker.bootstrap, env=ENV
                )
                async with LocalStack(folder, options) as stack:
                    yield Strained(stack, broker, postgres, proxy, disk, client, endpoints)
        finally:
            await asyncio.gather(postgres.stop(), broker.stop())


@contextmanager
def disk_of_its_own(folder: Path) -> Iterator[Path | None]:
    """Mounts a small disk in memory at the folder, where we may; otherwise it is a folder like any other."""
    folder.mkdir(parents=True)
    mounted = mount(folder)
    try:
        yield folder if mounted else None
    finally:
        if mounted:
            subprocess.run([shutil.which("umount") or "umount", "--lazy", str(folder)], check=True)


def mount(folder: Path) -> bool:
    """Whether a small disk is mounted there now."""
    program = shutil.which("mount")
    if program is None or os.geteuid() != 0:
        return False
    command = [program, "-t", "tmpfs", "-o", f"size={DISK_MEGABYTES}m", "tmpfs", str(folder)]
    return subprocess.run(command, capture_output=True, check=False).returncode == 0
