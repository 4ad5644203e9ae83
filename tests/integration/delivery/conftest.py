"""A receiver on loopback that keeps the raw bytes it is sent, and senders with and without leave to go there."""

import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import dataclass, field

import pytest
from aiohttp import web

from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.sender import Sender

LOOPBACK = TargetPolicy.from_cidrs(["127.0.0.0/8", "::1/128"])

Answer = Callable[[web.Request], Awaitable[web.StreamResponse]]


@dataclass(frozen=True)
class Received:
    """One request as it came in."""

    path: str
    headers: dict[str, str]
    body: bytes


async def _empty(request: web.Request) -> web.StreamResponse:
    return web.Response()


@dataclass
class Receiver:
    """Answers with `answer`, keeps what it got in `received`."""

    port: int = 0
    answer: Answer = _empty
    received: list[Received] = field(default_factory=list)

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}/hook"

    async def handle(self, request: web.Request) -> web.StreamResponse:
        headers = {name.lower(): value for name, value in request.headers.items()}
        self.received.append(Received(request.path_qs, headers, await request.read()))
        return await self.answer(request)


@pytest.fixture
async def receiver() -> AsyncIterator[Receiver]:
    receiver = Receiver()
    application = web.Application()
    application.router.add_route("*", "/{path:.*}", receiver.handle)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.port = runner.addresses[0][1]
    yield receiver
    await runner.cleanup()


@pytest.fixture
async def sender() -> AsyncIterator[Sender]:
    async with Sender(LOOPBACK) as sender:
        yield sender


@pytest.fixture
async def strict_sender() -> AsyncIterator[Sender]:
    """With the default policy: nothing internal."""
    async with Sender(TargetPolicy()) as sender:
        yield sender


@pytest.fixture
def unused_port() -> int:
    """A port of loopback that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])
