"""An endpoint that verifies what it is sent as its owner would: with the Standard Webhooks library and our header."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from http import HTTPStatus

from aiohttp import web

from demo.signatures import refusal
from libs.contracts.codec import JsonObject, parse_json
from services.dispatcher.delivery.secret_probe import PROBE

PATIENCE_SECONDS = 30


@dataclass(frozen=True)
class Post:
    """One request. `signed_by`: which of the receiver's secrets made all of its signatures, or none of them."""

    body: JsonObject
    signed_by: str | None
    signatures: int
    """How many there are in `webhook-signature`."""


@dataclass
class Receiver:
    """Accepts what any of `secrets` has signed in both schemes, and answers 401 to everything else."""

    url: str = ""
    secrets: list[str] = field(default_factory=list)
    posts: list[Post] = field(default_factory=list)
    may_answer: asyncio.Event = field(default_factory=asyncio.Event)
    """Set unless a test holds the answers back."""
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    @property
    def probes(self) -> list[Post]:
        return [post for post in self.posts if post.body.get("probe") == PROBE]

    @property
    def deliveries(self) -> list[Post]:
        return [post for post in self.posts if "probe" not in post.body]

    async def until_probed(self, times: int) -> None:
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: len(self.probes) >= times)

    async def receive(self, request: web.Request) -> web.Response:
        raw = await request.read()
        body = parse_json(raw)
        assert isinstance(body, dict)
        by = next((one for one in self.secrets if refusal(one, raw, request.headers) is None), None)
        async with self._arrived:
            self.posts.append(Post(body, by, len(request.headers["webhook-signature"].split())))
            self._arrived.notify_all()
        await self.may_answer.wait()
        if by is None:
            return web.json_response({"error": "not signed by anybody whom I know"}, status=HTTPStatus.UNAUTHORIZED)
        return web.json_response({"done": True})


@asynccontextmanager
async def receiving() -> AsyncIterator[Receiver]:
    """Listens on loopback until the end of the block."""
    receiver = Receiver()
    receiver.may_answer.set()
    application = web.Application()
    application.router.add_post("/", receiver.receive)
    runner = web.AppRunner(application, access_log=None, shutdown_timeout=0.1)
    await runner.setup()
    await web.TCPSite(runner, "127.0.0.1", 0).start()
    receiver.url = f"http://127.0.0.1:{runner.addresses[0][1]}/"
    try:
        yield receiver
    finally:
        await runner.cleanup()
