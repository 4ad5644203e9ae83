"""Everything together: the servers, what the services need in them, the four services, and the gateway in front.

    async with LocalStack(root) as stack:
        stack.api_url, stack.api_key, stack.project

The demo, end-to-end tests, benchmarks and `make up` all use this. Data lies in `root/var` and survives a restart.
"""

import asyncio
import os
import shlex
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from types import TracebackType
from typing import Self

from deploy.local.credentials import write_private
from deploy.local.environment import Installation, process_basics
from deploy.local.readiness import StartFailed, free_ports, is_free
from deploy.local.replicas import part_names
from deploy.local.servers import LocalServers, ServerOptions
from deploy.local.service import ServicePart, python_spec
from deploy.local.supervisor import Supervisor
from deploy.local.var_lock import VarLock
from libs.contracts.topics import SERVICES

GATEWAY = "gateway"
PROJECT = "default"


@dataclass(frozen=True)
class StackOptions:
    """`port` None takes a free one. `replicas` are processes by service, one where it says nothing.
    `env` overrides settings: `CATALOG_…` for that service, `MOBIUS_…` for all four.
    `tell` gets sentences for a person: a part that died, and that it runs again."""

    port: int | None = None
    postgres_url: str | None = None
    kafka_bootstrap: str | None = None
    fallback_broker: bool = False
    replicas: Mapping[str, int] = field(default_factory=dict)
    env: Mapping[str, str] = field(default_factory=dict)
    tell: Callable[[str], None] = lambda sentence: None

    def servers(self) -> ServerOptions:
        return ServerOptions(self.postgres_url, self.kafka_bootstrap, self.fallback_broker)


class LocalStack:
    """A whole installation on this machine. Start it from a thread that lives as long as the stack."""

    def __init__(self, root: Path, options: StackOptions | None = None) -> None:
        self._options = options or StackOptions()
        self._lock = VarLock(root.absolute() / "var")
        self._supervisor = Supervisor(self._options.tell)
        self._servers: LocalServers | None = None
        self._services: dict[str, ServicePart] = {}
        self._ports: dict[str, int] = {}
        self._processes = part_names(self._options.replicas)
        self.var = root.absolute() / "var"
        self.project = PROJECT

    @property
    def servers(self) -> LocalServers:
        """PostgreSQL and Kafka. Raises LookupError before the start."""
        if self._servers is None:
            raise LookupError("expected a started stack, but this one was not started")
        return self._servers

    @property
    def api_url(self) -> str:
        """The one address of all `/v1` paths."""
        return self.service_url(GATEWAY)

    @property
    def api_key(self) -> str:
        """The bootstrap administrator's key."""
        return self.servers.credentials.api_key()

    @property
    def postgres_url(self) -> str:
        """The administrator's connection string."""
        return self.servers.postgres_url

    @property
    def kafka_bootstrap(self) -> str:
        return self.servers.kafka_bootstrap

    @property
    def lost_sentence(self) -> str | None:
        """What the fallback broker loses, in one loud line; None on a real broker."""
        return self.servers.lost_sentence

    def service_url(self, name: str) -> str:
        """The own address of `catalog`, `engine`, `dispatcher`, `audit`, of a replica (`engine-2`) or of `gateway`."""
        return f"http://127.0.0.1:{self._ports[name]}"

    def pid(self, name: str) -> int:
        """The process of a service or replica, of `gateway`, `postgres` or `kafka`."""
        return self._supervisor.pid(name)

    def pids(self) -> dict[str, int]:
        return self._supervisor.pids()

    async def kill(self, name: str) -> None:
        """Kills it with -9. The stack starts it again by itself; `until_ready` waits for that."""
        await self._supervisor.kill(name)

    async def until_ready(self, name: str) -> None:
        await self._supervisor.until_ready(name)

    async def restart(self, name: str, once: Mapping[str, str] | None = None) -> None:
        """Stops it gently, starts it again, and returns when it is ready. `once`: variables for this start only, so
        that a service that dies of them comes back without."""
        if once:
            self._services[name].tell_once(once)
        await self._supervisor.restart(name)

    async def start(self) -> None:
        """Returns when every service is ready. On a failure everything is stopped again and the failure raised."""
        self._lock.take()
        try:
            await self._start()
        except BaseException:
            await self.stop()
            raise

    async def _start(self) -> None:
        (self.var / "log").mkdir(parents=True, exist_ok=True)  # servers that were there before have not made it
        _truncate_logs(self.var / "log")
        self._servers = servers = LocalServers(self.var.parent, self._options.servers())
        self._ports = self._choose_ports()
        await self._supervisor.start(*servers.parts, self._gateway_part())
        urls, _ = await asyncio.gather(servers.provision_services(), servers.create_topics())
        installation = self._installation(servers, urls)
        self._services = self._service_parts(installation)
        await self._supervisor.start(*self._services.values())
        self._write_local_env()

    async def stop(self) -> None:
        """Stops the gateway, then the services (they drain), then the servers."""
        await self._supervisor.stop(GATEWAY)
        await self._supervisor.stop(*self._process_names())
        await self._supervisor.stop("postgres", "kafka")
        self._lock.release()

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def _choose_ports(self) -> dict[str, int]:
        names = self._process_names()
        wanted, (free, *ports) = self._options.port, free_ports(1 + len(names))
        if wanted and not is_free(wanted):
            raise StartFailed(f"expected port {wanted} to be free, but something listens on it: choose another PORT")
        return {GATEWAY: wanted or free} | dict(zip(names, ports, strict=True))

    def _process_names(self) -> list[str]:
        return [name for names in self._processes.values() for name in names]

    def _installation(self, servers: LocalServers, postgres_urls: Mapping[str, str]) -> Installation:
        return Installation(
            kafka_bootstrap=servers.kafka_bootstrap,
            postgres_urls=postgres_urls,
            ports=self._ports,
            project=self.project,
            api_key=servers.credentials.api_key(),
            master_key=servers.credentials.master_key(),
            overrides=self._options.env,
            inherited=os.environ,
        )

    def _service_parts(self, installation: Installation) -> dict[str, ServicePart]:
        return {
            name: self._service_part(service, name, installation)
            for service, names in self._processes.items()
            for name in names
        }

    def _service_part(self, service: str, name: str, installation: Installation) -> ServicePart:
        environment, log = installation.of(service, name), self.var / "log" / f"{name}.log"
        spec = python_spec(name, [f"services.{service}"], environment, log)
        return ServicePart(name, self.service_url(name), "/readyz", spec)

    def _gateway_part(self) -> ServicePart:
        targets = [f"{service}={','.join(map(self.service_url, names))}" for service, names in self._processes.items()]
        command = ["deploy.local.gateway", str(self._ports[GATEWAY]), *targets]
        spec = python_spec(GATEWAY, command, process_basics(os.environ), self.var / "log" / "gateway.log")
        return ServicePart(GATEWAY, self.service_url(GATEWAY), "/healthz", spec)

    def _write_local_env(self) -> None:
        values = {
            "MOBIUS_API_URL": self.api_url,
            "MOBIUS_API_KEY": self.api_key,
            "MOBIUS_PROJECT": self.project,
            "MOBIUS_POSTGRES_URL": self.postgres_url,
            "MOBIUS_KAFKA_BOOTSTRAP": self.kafka_bootstrap,
        } | {f"MOBIUS_{name.upper()}_URL": self.service_url(name) for name in SERVICES}
        lines = (f"{name}={shlex.quote(value)}\n" for name, value in values.items())
        write_private(self.var / "local.env", "".join(lines))


def _truncate_logs(folder: Path) -> None:
    """A log tells of one start, so that none grows for ever."""
    for log in folder.glob("*.log"):
        log.write_bytes(b"")
