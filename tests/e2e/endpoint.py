"""The endpoints of a project's actions: one server that answers signed POSTs and keeps what it was sent."""

import asyncio
from collections import defaultdict
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from inspect import isawaitable

from aiohttp import web

from demo.signatures import refusal
from libs.contracts.codec import Json, JsonObject, dump_json, parse_json
from tests.e2e.calls import Caller

PATIENCE_SECONDS = 20

Work = Callable[[JsonObject], Json | Awaitable[Json]]
"""From the parameters to the result. It may wait, and may raise one of aiohttp's answers."""


@dataclass(frozen=True)
class Post:
    """One POST whose signatures both libraries verified."""

    action: str
    headers: Mapping[str, str]
    body: JsonObject

    @property
    def run_id(self) -> str:
        return str(self.body["run_id"])


@dataclass
class Endpoints:
    """`register` makes an action of a project whose endpoint is here. `unverified` says, by action, what was wrong with
    a POST; a probe may come before its secret is known here. `secrets` are the actions' signing secrets by name."""

    url: str = ""
    posts: list[Post] = field(default_factory=list)
    unverified: defaultdict[str, list[str]] = field(default_factory=lambda: defaultdict(list))
    secrets: dict[str, str] = field(default_factory=dict)
    _work: dict[str, Work] = field(default_factory=dict)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_post("/{action}", self._receive)
        return app

    async def register(self, caller: Caller, name: str, work: Work = lambda _: None, /, **more: Json) -> JsonObject:
        """The answer to the registration. `more` are further fields of it."""
        made = await caller.create("actions", {"name": name, "endpoint_url": f"{self.url}/{name}", **more})
        self.answer(name, made.text("signing_secret"), work)
        return made.json

    def answer(self, name: str, secret: str, work: Work) -> None:
        """Does the work of an action that somebody else has registered."""
        self._work[name] = work
        self.secrets[name] = secret

    def of_run(self, run_id: str) -> list[Post]:
        return [post for post in self.posts if post.run_id == run_id]

    async def until_posted(self, run_id: str) -> Post:
        """The first POST of the run, as soon as it is there."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: self.of_run(run_id))
        return self.of_run(run_id)[0]

    async def _receive(self, request: web.Request) -> web.Response:
        action, raw = request.match_info["action"], await request.read()
        reason = refusal(self.secrets.get(action), raw, request.headers)
        body = parse_json(raw)
        assert isinstance(body, dict)
        if reason is not None:
            if "probe" not in body:
                self.unverified[action].append(reason)
            return web.json_response({"error": reason}, status=401)
        if "probe" in body:
            return web.Response(status=204)
        await self._keep(Post(action, request.headers.copy(), body))
        parameters = body["parameters"]
        assert isinstance(parameters, dict)
        result = self._work[action](parameters)
        return web.Response(
            body=dump_json(await result if isawaitable(result) else result), content_type="application/json"
        )

    async def _keep(self, post: Post) -> None:
        async with self._arrived:
            self.posts.append(post)
            self._arrived.notify_all()
