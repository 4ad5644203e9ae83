"""One whole installation for all end-to-end tests, with everything outside it played by local servers."""

from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

import aiohttp

from deploy.local.stack import LocalStack, StackOptions
from tests.conftest import server_options
from tests.doubles.github import GitHubDouble
from tests.doubles.slack import DEMO_TOKEN, LocalServer, SlackWorkspace
from tests.e2e.calls import Caller
from tests.e2e.collector import Collector
from tests.e2e.endpoint import Endpoints

SESSION_SECONDS = 6
"""How long a silent worker keeps its actions from the courier."""


@dataclass(frozen=True)
class Installation:
    """A running stack and its surroundings. `caller` has the administrator's key; `told` is what the stack said."""

    stack: LocalStack
    slack: SlackWorkspace
    github: GitHubDouble
    endpoints: Endpoints
    collector: Collector
    caller: Caller
    client: aiohttp.ClientSession
    told: list[str]

    def caller_of(self, project: str, key: str, origin: str | None = None) -> Caller:
        """Another caller, or the same at a service's own address."""
        return Caller(self.client, origin or self.stack.api_url, project, key)


@asynccontextmanager
async def running(folder: Path) -> AsyncIterator[Installation]:
    """Starts everything, and stops it at the end of the block."""
    slack, github, endpoints, collector, told = SlackWorkspace(), GitHubDouble(), Endpoints(), Collector(), list[str]()
    async with AsyncExitStack() as parts:
        slack_server = await parts.enter_async_context(LocalServer(slack.app()))
        github_server = await parts.enter_async_context(LocalServer(github.app()))
        endpoint_server = await parts.enter_async_context(LocalServer(endpoints.app()))
        collector_server = await parts.enter_async_context(LocalServer(collector.app()))
        endpoints.url = endpoint_server.url
        options = StackOptions(
            env=_settings(slack_server.url, github_server.url, collector_server.url),
            fallback_broker=server_options().fallback_broker,
            tell=told.append,
        )
        stack = await parts.enter_async_context(LocalStack(folder, options))
        client = await parts.enter_async_context(aiohttp.ClientSession(timeout=aiohttp.ClientTimeout(total=40)))
        caller = Caller(client, stack.api_url, stack.project, stack.api_key)
        yield Installation(stack, slack, github, endpoints, collector, caller, client, told)


def _settings(slack_url: str, github_url: str, collector_url: str) -> Mapping[str, str]:
    """Short leases, so that a test of losing one does not take a minute."""
    return {
        "DISPATCHER_SLACK_BASE_URL": f"{slack_url}/api/",
        "DISPATCHER_SLACK_TOKEN": DEMO_TOKEN,
        "DISPATCHER_GITHUB_BASE_URL": github_url,
        "DISPATCHER_LEASE_SECONDS": "3",
        "DISPATCHER_HEARTBEAT_SECONDS": "1",
        "DISPATCHER_COURIER_LEASE_SECONDS": "3",
        "DISPATCHER_SESSION_LIVE_SECONDS": str(SESSION_SECONDS),
        "MOBIUS_OTLP_ENDPOINT": collector_url,
    }
