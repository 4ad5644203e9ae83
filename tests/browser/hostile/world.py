"""A project in which every text that somebody may choose is one of those given: a user's, an endpoint's, a worker's."""

import asyncio
from base64 import b64encode
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from urllib.parse import quote

from aiohttp import web

from libs.contracts.codec import Json, JsonObject, dump_json
from tests.doubles.slack import LocalServer
from tests.e2e.calls import Caller
from tests.e2e.installation import Installation
from tests.e2e.reading_pages import until
from tests.e2e.tenants import Tenant, key_of, moved_in
from tests.e2e.visitor import HOME, Visitor, visiting

AT_ONCE = 8
MOST_FIELDS = 50
"""Fields of a form; an object has more of them."""
ANSWERING, REFUSING, LEFT, TOUCHED = "answering", "refusing", "left-to-workers", "touched"


@dataclass(frozen=True)
class World:
    """`texts` stand everywhere in it, `whole` is all of them in one. The runs by what became of them."""

    tenant: Tenant
    visitor: Visitor
    texts: Sequence[str]
    runs: Mapping[str, str]

    @property
    def whole(self) -> str:
        return "\n".join(self.texts)

    @property
    def path(self) -> str:
        return f"{HOME}/projects/{self.tenant.project}"

    @property
    def caller(self) -> Caller:
        return self.tenant.caller

    async def begin(self, action: str, text: str) -> str:
        """The id of a run of one step that is called by this text. What is left to workers waits for one."""
        if action == LEFT:
            await claim(self.caller, LEFT, text, 0)
        started = await self.caller.create("runs", {"mode": "inline", "spec": one_step(action, text)})
        return started.text("id")

    async def fail(self, action: str, text: str) -> str:
        """The id of a run whose step a worker fails, with texts wherever it has the word."""
        run = await self.begin(action, text)
        await worked(self.caller, action, text, self.whole, "failed")
        return run


@asynccontextmanager
async def made_of(installation: Installation, texts: Sequence[str]) -> AsyncIterator[World]:
    """The project, and its endpoint for the time of the block. Pages know all of it."""
    tenant = await moved_in(installation, "admin")
    names = [text for text in texts if text.isprintable()]
    await _each(names, lambda number, text: _project(installation.caller, f"{tenant.project}-{number}", text))
    path = f"/v1/projects/{tenant.project_id}"
    renamed = await installation.caller.call("PATCH", path, dump_json({"name": names[0]}))
    assert renamed.status == 200, renamed.raw
    key = await key_of(installation.caller, "author", None)
    async with LocalServer(_endpoint(texts)) as server, visiting(installation.stack.api_url) as visitor:
        assert (await visitor.sign_in(str(key["key"]))).status == 303
        runs: dict[str, str] = {}
        world = World(tenant, visitor, texts, runs)
        await _actions(world, server.url)
        await _workflows(world)
        await _runs(world)
        yield world


def one_step(action: str, text: str) -> JsonObject:
    """A definition with the text wherever it may be."""
    step: Json = {
        "name": "only",
        "action": action,
        "description": text,
        "parameters": {text.replace("${", "$"): literal(text)},
    }
    return {"name": text[:128], "description": text, "steps": [step]}


def literal(text: str) -> str:
    """As parameters have to say it so that it is no expression."""
    return text.replace("${", "$${")


async def _each(texts: Sequence[str], make: Callable[[int, str], Awaitable[object]]) -> None:
    """For each text with its number, some at once."""
    places = asyncio.Semaphore(AT_ONCE)

    async def one(number: int, text: str) -> None:
        async with places:
            await make(number, text)

    await asyncio.gather(*(one(number, text) for number, text in enumerate(texts)))


async def _project(caller: Caller, handle: str, text: str) -> None:
    await caller.create("/v1/projects", {"name": text, "handle": handle, "description": text, "tags": {text: text}})


def _endpoint(texts: Sequence[str]) -> web.Application:
    """Answers with the texts: in the body, in the names of its fields, in headers, in an error."""

    async def answer(request: web.Request) -> web.Response:
        refusing = request.match_info["how"] == REFUSING
        headers = {f"X-Odd-{number}": quote(text, safe="<>\"'=/ ") for number, text in enumerate(texts)}
        body: dict[str, Json] = {text: text for text in texts}
        return web.Response(
            body=dump_json({"error": "\n".join(texts), **body} if refusing else body),
            status=422 if refusing else 200,
            content_type="application/json",
            headers=headers,
        )

    app = web.Application(handler_args={"max_line_size": 65536, "max_field_size": 65536})
    app.router.add_post("/{how}", answer)
    app.router.add_post("/{how}/{rest:.*}", answer)
    return app


def _schema(texts: Sequence[str]) -> JsonObject:
    """Fields that are called so, say so, and may be nothing else."""
    properties: dict[str, Json] = {}
    for number, text in enumerate(texts):
        only: JsonObject = {"enum": [text, "x"]} if number % 2 else {"default": text, "examples": [text]}
        properties[text] = {"type": "string", "title": text, "description": text, **only}
    return {"type": "object", "title": texts[0], "description": "\n".join(texts), "properties": properties}


def _input_schema(texts: Sequence[str]) -> JsonObject:
    schema = _schema(texts[:MOST_FIELDS])
    properties = schema["properties"]
    assert isinstance(properties, dict)
    properties |= {"count": {"type": "integer"}, "odd": {"type": "string", "pattern": "^<img src=x onerror=x>$"}}
    return {**schema, "required": ["count", texts[1]]}


def _output_schema(texts: Sequence[str]) -> JsonObject:
    patterns: JsonObject = {"^<script>x</script>$": {"const": texts[0], "description": texts[0]}}
    shapes: list[Json] = [{"description": text, "required": [text]} for text in texts]
    return {**_schema(texts), "patternProperties": patterns, "anyOf": shapes}


async def _actions(world: World, url: str) -> None:
    """Some that are only looked at, and those that the runs call."""

    async def looked_at(number: int, text: str) -> None:
        address = f"{url}/x/{quote(text, safe='()=:;,!$*~/')}?q={quote(text, safe='()=:;,!$*~/?')}"
        more: JsonObject = {"title": text, "description": text, "annotations": {"destructive": number % 3 == 0}}
        await world.caller.create("actions", {"name": f"h-{number:02}", "endpoint_url": address, **more})

    texts = world.texts
    await _each(texts, looked_at)
    schemas: Mapping[str, JsonObject] = {
        ANSWERING: {},
        REFUSING: {},
        LEFT: {},
        TOUCHED: {"input_schema": _input_schema(texts), "output_schema": _output_schema(texts)},
    }
    for name, more in schemas.items():
        told: JsonObject = {"title": texts[0], "description": world.whole, **more}
        await world.caller.create("actions", {"name": name, "endpoint_url": f"{url}/{name}", **told})
    await _change_breaking(world)


async def _change_breaking(world: World) -> None:
    """Why a change is wanted although it breaks somebody is a text too."""
    schema: JsonObject = {**_input_schema(world.texts), "required": ["count", world.texts[1], "odd"]}
    body = dump_json({"input_schema": schema})
    reason = quote(world.texts[0], safe="")
    done = await world.caller.call("PATCH", f"actions/{TOUCHED}?accept_breaking={reason}", body)
    assert done.status == 200, done.raw


async def _workflows(world: World) -> None:
    """One with everything, and many that are only listed."""

    async def listed(number: int, text: str) -> None:
        name, tags = text if text.isprintable() else f"not printable {number}", {text: text}
        spec = one_step(ANSWERING, text)
        more: JsonObject = {"handle": f"w-{number:02}", "description": text, "tags": dict(tags)}
        await world.caller.create("workflows", {"name": name, "spec": spec, **more})

    texts = world.texts
    await _each(texts[1:], listed)
    tags: JsonObject = dict(zip(texts[:8], texts[8:16], strict=True))
    whole: JsonObject = {"name": texts[0], "handle": "whole", "description": world.whole, "tags": tags}
    await world.caller.create("workflows", {**whole, "spec": _definition(world)})


def _definition(world: World) -> JsonObject:
    texts = world.texts
    inputs: list[Json] = [
        {"name": f"i{number}", "type": "string", "default": text, "description": text}
        for number, text in enumerate(texts)
    ]
    edges: list[Json] = [
        {"step": f"s{number}", "branch": f"b{number}", "condition": f"{dump_json(text).decode()} == inputs.i{number}"}
        for number, text in enumerate(texts[:20], 1)
    ]
    ends: list[Json] = [
        {"name": f"s{number}", "action": ANSWERING, "description": text, "store": f"v{number}"}
        for number, text in enumerate(texts[:20], 1)
    ]
    parameters: JsonObject = {text.replace("${", "$"): literal(text) for text in texts}
    first: JsonObject = {"name": "s0", "action": ANSWERING, "description": world.whole, "parameters": parameters}
    return {
        "name": texts[0],
        "description": world.whole,
        "inputs": [*inputs, {"name": "count", "type": "integer"}],
        "outputs": [{"name": text, "variable": "note", "description": text} for text in texts],
        "state": {"note": texts[0]},
        "steps": [{**first, "store": "kept", "next": edges}, *ends],
    }


async def _runs(world: World) -> None:
    """Some that end well, some that an endpoint or a worker fails, and many that are only listed."""
    caller, texts = world.caller, world.texts

    async def listed(_number: int, text: str) -> None:
        content: JsonObject = {"mode": "inline", "spec": one_step(ANSWERING, text), "dry_run": True}
        await caller.create("runs", {**content, "external_id": text, "metadata": {text: text}, "tags": {text: text}})

    async def by_worker(_number: int, text: str) -> None:
        await world.begin(LEFT, text)

    started: JsonObject = {
        "inputs": {"count": 1, **{f"i{number}": text for number, text in enumerate(texts)}},
        "external_id": texts[0],
        "metadata": {text: text for text in texts[:60]},
        "tags": dict(zip(texts[:8], texts[16:24], strict=True)),
    }
    saved = next(one for one in (await caller.get("workflows?limit=100")).items if one["handle"] == "whole")
    runs = dict(world.runs)
    runs["well"] = (await caller.create(f"workflows/{saved['id']}/runs", started)).text("id")
    runs["refused"] = await world.begin(REFUSING, texts[0])
    await _each(texts[1:], listed)
    await _each(texts[:AT_ONCE], by_worker)
    for number, text in enumerate(texts[:AT_ONCE]):
        await worked(caller, LEFT, text, world.whole, "failed" if number % 2 == 0 else "completed")
    runs["failed"] = await world.fail(LEFT, texts[1])
    for what, status in (("well", "completed"), ("refused", "failed"), ("failed", "failed")):
        ended = await until(world.visitor, f"{world.path}/runs/{runs[what]}", "run.completed", "run.failed")
        assert f"run.{status}" in ended.text, (await caller.get(f"runs/{runs[what]}")).raw
    assert isinstance(world.runs, dict)
    world.runs.update(runs)


async def claim(caller: Caller, action: str, text: str, wait_seconds: int) -> JsonObject | None:
    wanted: JsonObject = {
        "worker_instance_id": text,
        "worker_session_token": "t",
        "worker_name": text,
        "worker_version": text,
        "agent_id": text,
        "agent_session_id": text,
        "concurrency_limit": 1,
        "actions": [action],
        "wait_seconds": wait_seconds,
    }
    claimed = await caller.post("jobs/claim", wanted)
    assert claimed.status in (200, 204), claimed.raw
    return claimed.json if claimed.status == 200 else None


async def worked(caller: Caller, action: str, text: str, whole: str, ends: str) -> None:
    """A worker with this text for all its names takes a job, tells of it and ends it."""
    job = await claim(caller, action, text, 20)
    assert job is not None
    fence: JsonObject = {"worker_session_token": "t", "attempt": job["attempt"]}
    told: list[Json] = [{"type": "told", "payload": {text: text, "whole": whole}}]
    assert (await caller.post(f"jobs/{job['job_id']}/events", {**fence, "events": told})).status < 300
    result = b64encode(dump_json({text: whole})).decode()
    failed: JsonObject = {"status": "failed", "error_type": text, "error_message": whole}
    ending: JsonObject = failed if ends == "failed" else {"status": "completed", "result_b64": result}
    done = await caller.post(f"jobs/{job['job_id']}/complete", {**fence, **ending})
    assert done.status == 204, done.raw
