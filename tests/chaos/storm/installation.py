"""An installation in one folder: servers, proxies in front of them, the stack with replicas, and who is around it."""

import json
from collections.abc import AsyncIterator, Callable
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp
from yarl import URL

from demo.slack_double import DEMO_TOKEN, SlackDouble
from deploy.local.readiness import free_ports
from deploy.local.servers import LocalServers, ServerOptions
from deploy.local.service import ServicePart, python_spec
from deploy.local.stack import LocalStack, StackOptions
from deploy.local.supervisor import Supervisor
from tests.chaos.parts.diary import Diary
from tests.chaos.parts.workflows import ACTIONS
from tests.chaos.storm.process_part import ProcessPart
from tests.doubles.postgres_wire import PostgresWire, server_of, through
from tests.doubles.slack import LocalServer
from tests.doubles.tcp_proxy import TcpProxy

REPLICAS = {"engine": 2, "dispatcher": 2}
WORKERS = ("worker-1", "worker-2", "worker-3")
SETTINGS = {
    "DISPATCHER_LEASE_SECONDS": "4",
    "DISPATCHER_HEARTBEAT_SECONDS": "1",
    "DISPATCHER_COURIER_LEASE_SECONDS": "4",
    "DISPATCHER_SESSION_LIVE_SECONDS": "6",
    "DISPATCHER_SESSION_TAKEOVER_SECONDS": "3",
    "DISPATCHER_MOST_EXPIRIES": "8",
    "DISPATCHER_DELIVERY_SECONDS": "15",
}
"""Short leases, so that a pause outlives them; many expiries, so that a job is not given up for being struck often."""


@dataclass(frozen=True)
class Proxies:
    """What connections go through: services to PostgreSQL, services to Kafka, workers to the dispatcher."""

    postgres: TcpProxy
    kafka: TcpProxy
    workers: TcpProxy


@dataclass(frozen=True)
class Installation:
    """`supervisor` keeps the servers, the receiver and the workers; the stack keeps the services and the gateway."""

    folder: Path
    servers: LocalServers
    supervisor: Supervisor
    stack: LocalStack
    proxies: Proxies

    @property
    def project_url(self) -> str:
        return f"{self.stack.api_url}/v1/projects/{self.stack.project}"

    def diary(self, name: str) -> Path:
        return self.folder / "diaries" / f"{name}.jsonl"


@asynccontextmanager
async def installed(folder: Path, tell: Callable[[str], None]) -> AsyncIterator[Installation]:
    """Starts everything, and stops it at the end of the block. The data stays in the folder."""
    async with AsyncExitStack() as parts:
        supervisor = Supervisor(tell)
        [kafka_port] = free_ports(1)
        kafka = await parts.enter_async_context(TcpProxy(("127.0.0.1", kafka_port)))
        servers = LocalServers(folder, ServerOptions(kafka_port=kafka_port, kafka_advertised_port=kafka.port))
        parts.push_async_callback(supervisor.stop, "kafka", "postgres")
        await supervisor.start(*servers.parts)
        target = server_of(servers.postgres_url)
        postgres = await parts.enter_async_context(TcpProxy(target, wire=PostgresWire))
        slack_url = await parts.enter_async_context(_slack(folder))
        stack = await parts.enter_async_context(
            LocalStack(
                folder,
                StackOptions(
                    postgres_url=through(servers.postgres_url, postgres.port),
                    kafka_bootstrap=f"127.0.0.1:{kafka.port}",
                    replicas=REPLICAS,
                    env=SETTINGS | {"DISPATCHER_SLACK_BASE_URL": slack_url, "DISPATCHER_SLACK_TOKEN": DEMO_TOKEN},
                    tell=tell,
                ),
            )
        )
        gateway_port = URL(stack.api_url).port or 0
        workers = await parts.enter_async_context(TcpProxy(("127.0.0.1", gateway_port)))
        installation = Installation(folder, servers, supervisor, stack, Proxies(postgres, kafka, workers))
        parts.push_async_callback(supervisor.stop, "receiver", *WORKERS)
        await supervisor.start(await _receiver(installation))
        await supervisor.start(*(_worker(installation, name) for name in WORKERS))
        yield installation


@asynccontextmanager
async def _slack(folder: Path) -> AsyncIterator[str]:
    """The base URL of a stand-in for Slack that notes every message."""
    diary = Diary(folder / "diaries" / "slack.jsonl")
    slack = SlackDouble(on_message=lambda message: diary.note("posted", text=message.text, ts=message.ts))
    async with LocalServer(slack.app()) as server:
        yield f"{server.url}/api/"
    diary.close()


async def _receiver(installation: Installation) -> ServicePart:
    [port] = free_ports(1)
    url = f"http://127.0.0.1:{port}"
    secrets_file = installation.folder / "secrets.json"
    secrets_file.write_text(json.dumps(await _register(installation, url)))
    module = ["tests.chaos.parts.receiver", str(port), str(secrets_file), str(installation.diary("receiver"))]
    log = installation.stack.var / "log" / "receiver.log"
    return ServicePart("receiver", url, "/healthz", python_spec("receiver", module, {"PATH": ""}, log))


async def _register(installation: Installation, receiver_url: str) -> dict[str, str]:
    """Registers the actions; answers their signing secrets."""
    secrets: dict[str, str] = {}
    headers = {"Authorization": f"Bearer {installation.stack.api_key}"}
    async with aiohttp.ClientSession(headers=headers, raise_for_status=True) as http:
        for name, more in ACTIONS.items():
            body = {"name": name, "endpoint_url": f"{receiver_url}/{name}", **more}
            async with http.post(f"{installation.project_url}/actions", json=body) as answer:
                secrets[name] = (await answer.json())["signing_secret"]
    return secrets


def _worker(installation: Installation, name: str) -> ProcessPart:
    jobs = f"http://127.0.0.1:{installation.proxies.workers.port}/v1/projects/{installation.stack.project}/jobs"
    module = ["tests.chaos.parts.worker", name, jobs, str(installation.diary(name))]
    log = installation.stack.var / "log" / f"{name}.log"
    return ProcessPart(name, module, log, {"MOBIUS_API_KEY": installation.stack.api_key})
