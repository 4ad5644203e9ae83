"""An engine that runs inside the test, over real HTTP, and what a test does with it."""

import asyncio
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import cast

import aiohttp
from pydantic import SecretStr

from deploy.local.servers import Database, LocalServers
from libs.chassis.db.link import Link
from libs.chassis.service import Chassis, Service
from libs.contracts.codec import Json, JsonObject, parse_json
from services.engine.app import build
from services.engine.settings import EngineSettings
from tests.integration.engine.speaking import TOKENS, Speaker

DOCUMENT_SPEC: JsonObject = {
    "name": "document",
    "inputs": [{"name": "doc_id", "type": "string"}],
    "outputs": [{"name": "summary", "variable": "summary"}],
    "steps": [
        {
            "name": "summarize",
            "action": "summarize-document",
            "parameters": {"doc_id": "${inputs.doc_id}"},
            "store": "summary",
        },
        {
            "name": "notify",
            "action": "slack.post-message",
            "action_kind": "server",
            "parameters": {"channel": "#ops", "text": "Summary complete for ${inputs.doc_id}"},
        },
    ],
}

Answer = tuple[int, JsonObject]


@dataclass
class Engine:
    """The service under test. Paths are below the project; `speaker` says what the others would."""

    speaker: Speaker
    http: aiohttp.ClientSession
    url: str
    link: Link
    """To the engine's own schema."""

    async def call(self, method: str, path: str, body: object = None, token: str = TOKENS["admin"]) -> Answer:
        headers = {"Authorization": f"Bearer {token}"}
        async with self.http.request(method, self.url + path, json=body, headers=headers) as response:
            raw = await response.read()
            return response.status, cast(JsonObject, parse_json(raw)) if raw else {}

    async def get(self, path: str) -> JsonObject:
        status, answer = await self.call("GET", path)
        assert status == 200, answer
        return answer

    async def start(self, **more: object) -> JsonObject:
        """A run of the document workflow."""
        body = {"mode": "inline", "spec": DOCUMENT_SPEC, "inputs": {"doc_id": "d1"}, **more}
        status, run = await self.call("POST", "/runs", body)
        assert status == 202, run
        return run

    async def save(self, **more: object) -> JsonObject:
        """The document workflow, saved."""
        status, workflow = await self.call("POST", "/workflows", {"name": "document", "spec": DOCUMENT_SPEC, **more})
        assert status == 201, workflow
        return workflow

    async def events(self, run_id: Json) -> list[JsonObject]:
        """The journal of a run."""
        rows = await self.link.rows("SELECT event FROM journal WHERE stream = $1 ORDER BY seq", run_id)
        return [cast(JsonObject, parse_json(row["event"])) for row in rows]

    async def types(self, run_id: Json) -> list[Json]:
        return [event["type"] for event in await self.events(run_id)]

    async def scheduled(self, run_id: Json, step: str) -> JsonObject:
        """Waits until the step is scheduled; the data of that event."""

        def found(events: list[JsonObject]) -> JsonObject | None:
            data = [cast(JsonObject, one["data"]) for one in events if one["type"] == "step.scheduled"]
            return next((one for one in data if one["step"] == step), None)

        return await self.until(run_id, found)

    async def ended(self, run_id: Json) -> JsonObject:
        """Waits until the run has ended; its last event."""

        def last(events: list[JsonObject]) -> JsonObject | None:
            return events[-1] if events[-1]["type"] in ("run.completed", "run.failed") else None

        return await self.until(run_id, last)

    async def until(self, run_id: Json, found: Callable[[list[JsonObject]], JsonObject | None]) -> JsonObject:
        async with asyncio.timeout(20):
            while (answer := found(await self.events(run_id))) is None:
                await asyncio.sleep(0.01)
        return answer

    async def complete(self, run_id: Json, summary: Json = "short") -> None:
        """Both steps, to the end."""
        await self.speaker.send([self.speaker.completed(await self.scheduled(run_id, "summarize"), summary)])
        await self.speaker.send([self.speaker.completed(await self.scheduled(run_id, "notify"), {"ok": True})])
        await self.ended(run_id)


@asynccontextmanager
async def started(servers: LocalServers, database: Database, speaker: Speaker) -> AsyncIterator[Engine]:
    """An engine on this database, until the end of the block."""
    settings = EngineSettings(
        postgres_url=SecretStr(database.service_urls["engine"]),
        kafka_bootstrap=servers.kafka_bootstrap,
        watch_floor_seconds=0.2,
    )
    chassis = Chassis("engine")
    service = Service(build(settings, chassis), settings, chassis.registry)
    link = Link(database.service_urls["engine"], "test-engine")
    try:
        await service.start()
        host, port = service.server.address
        async with aiohttp.ClientSession() as http:
            yield Engine(speaker, http, f"http://{host}:{port}/v1/projects/{speaker.project}", link)
    finally:
        await service.stop()
        await link.close()
