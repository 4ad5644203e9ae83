"""A project whose workflows and runs are looked at on pages: an author, a viewer, and actions that answer."""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack, asynccontextmanager
from dataclasses import dataclass

from libs.contracts.codec import JsonObject, parse_json
from tests.e2e.calls import Caller
from tests.e2e.installation import Installation
from tests.e2e.tenants import Tenant, key_of, moved_in, polling
from tests.e2e.visitor import HOME, Seen, Visitor, visiting

PATIENCE_SECONDS = 20
HOSTILE = "<script>alert('x')</script>\"&"


@dataclass(frozen=True)
class ReadingPages:
    """`author` and `viewer` are signed in. The actions `<project>-echo` and `<project>-bad` answer, the second one with
    what breaks its schema; `<project>-held` waits for a worker."""

    tenant: Tenant
    author: Visitor
    viewer: Visitor

    @property
    def caller(self) -> Caller:
        return self.tenant.caller

    @property
    def path(self) -> str:
        return f"{HOME}/projects/{self.tenant.project}"

    def action(self, name: str) -> str:
        return f"{self.tenant.project}-{name}"

    def spec(self, *actions: str, **more: object) -> JsonObject:
        """A step for each action, one after the other, called `first`, `second` and so on."""
        names = ("first", "second", "third")
        steps = [{"name": name, "action": self.action(one)} for name, one in zip(names, actions, strict=False)]
        return {"name": "pages", "steps": steps, **more}  # type: ignore[dict-item]

    async def saved(self, name: str, spec: JsonObject, **more: str) -> str:
        """The id of a new workflow that pages know of."""
        made = (await self.caller.create("workflows", {"name": name, "spec": spec, **more})).text("id")
        await until(self.author, f"{self.path}/workflows/{made}", name)
        return made

    async def ended(self, body: JsonObject) -> str:
        """The id of a run that has ended, and that pages show so."""
        run = await self.caller.create("runs?wait_seconds=20", body)
        await until(self.author, f"{self.path}/runs/{run.text('id')}", f"run.{run.text('status')}")
        return run.text("id")

    async def held(self) -> str:
        """The id of a run whose only step waits for a worker."""
        await self.caller.post("jobs/claim", {**polling(self.action("held")), "wait_seconds": 0})
        started = await self.caller.create("runs", {"mode": "inline", "spec": self.spec("held")})
        await until(self.author, f"{self.path}/runs/{started.text('id')}", "status active")
        return started.text("id")


async def until(visitor: Visitor, path: str, *texts: str) -> Seen:
    """The page as soon as it has one of these texts in it."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        seen = await visitor.get(path)
        while not any(text in seen.text for text in texts):
            await asyncio.sleep(0.05)
            seen = await visitor.get(path)
    return seen


async def followed(visitor: Visitor, path: str) -> AsyncIterator[str]:
    """The live region of a page, whenever it is sent, until nobody listens."""
    cookies = "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())
    headers = {"Accept": "text/event-stream", "Cookie": cookies}
    async with visitor.client.get(f"{visitor.origin}{path}", headers=headers) as answer:
        assert answer.status == 200
        async for line in answer.content:
            if line.startswith(b"data: "):
                data = parse_json(line.removeprefix(b"data: ").strip())
                assert isinstance(data, dict)
                yield str(data["html"])


def ids_of(text: str, prefix: str) -> list[str]:
    """The ids of elements that begin so, in the order of the page."""
    return re.findall(rf'id="({prefix}[^"]*)"', text)


@asynccontextmanager
async def reading(installation: Installation) -> AsyncIterator[ReadingPages]:
    """The project, for the time of the block."""
    tenant = await moved_in(installation, "author")
    admin = installation.caller_of(tenant.project, installation.stack.api_key)
    actions: Mapping[str, JsonObject] = {"echo": {}, "held": {}, "bad": {"output_schema": {"type": "integer"}}}
    for name, more in actions.items():
        await installation.endpoints.register(admin, f"{tenant.project}-{name}", lambda given: given, **more)
    viewer_key = await key_of(installation.caller, "viewer", tenant.project)
    async with AsyncExitStack() as parts:
        author = await parts.enter_async_context(visiting(installation.stack.api_url))
        viewer = await parts.enter_async_context(visiting(installation.stack.api_url))
        assert (await author.sign_in(tenant.token)).status == 303
        assert (await viewer.sign_in(str(viewer_key["key"]))).status == 303
        yield ReadingPages(tenant, author, viewer)
