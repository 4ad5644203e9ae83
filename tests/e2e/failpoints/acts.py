"""What people, workers and endpoints do while a service dies: each asks again until it is answered."""

import asyncio
from base64 import b64encode
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from http import HTTPStatus
from uuid import uuid4

import aiohttp

from libs.contracts.codec import Json, JsonObject, dump_json
from tests.e2e.calls import Caller, Reply

PATIENCE_SECONDS = 30
SAFE, ONCE, HELD = "dying-safe", "dying-once", "dying-held"
"""Actions: one that may be repeated, one that may not, one that a worker does."""

_NOT_NOW = (HTTPStatus.BAD_GATEWAY, HTTPStatus.SERVICE_UNAVAILABLE, HTTPStatus.GATEWAY_TIMEOUT)


async def patiently(ask: Callable[[], Awaitable[Reply]]) -> Reply:
    """Asks until somebody answers who is not just dying or starting."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            try:
                reply = await ask()
            except (aiohttp.ClientError, OSError):
                reply = None
            if reply is not None and reply.status not in _NOT_NOW:
                return reply
            await asyncio.sleep(0.1)


def notifying(action: str, text: str) -> JsonObject:
    """Two steps: the action, then a message to Slack."""
    steps: list[Json] = [
        {"name": "work", "action": action},
        {
            "name": "notify",
            "action": "slack.post-message",
            "action_kind": "server",
            "parameters": {"channel": "#ops", "text": text},
        },
    ]
    return {"name": "dying", "steps": steps}


def only(action: str) -> JsonObject:
    return {"name": "dying", "steps": [{"name": "work", "action": action}]}


async def start(caller: Caller, spec: JsonObject) -> str:
    """Starts a run, exactly one, however often it has to be asked for. Answers its id."""
    body: JsonObject = {"mode": "inline", "spec": spec, "external_id": uuid4().hex}
    return (await patiently(lambda: caller.post("runs", body))).text("id")


async def ended(caller: Caller, run_id: str) -> JsonObject:
    """The run once it has ended."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            run = (await patiently(lambda: caller.get(f"runs/{run_id}"))).json
            if run["status"] in ("completed", "failed"):
                return run
            await asyncio.sleep(0.05)


async def audited(caller: Caller, run_id: str, calls: int) -> list[JsonObject]:
    """The rows of the audit log of a run, as soon as there are so many."""
    async with asyncio.timeout(PATIENCE_SECONDS):
        while True:
            rows = (await patiently(lambda: caller.get(f"action-audit-log?run_id={run_id}"))).items
            if len(rows) >= calls:
                return rows
            await asyncio.sleep(0.05)


@dataclass
class Worker:
    """Does `dying-held` by hand."""

    caller: Caller
    instance: str = field(default_factory=lambda: f"dying-{uuid4().hex}")
    token: str = field(default_factory=lambda: uuid4().hex)

    def asking(self, wait_seconds: int) -> JsonObject:
        return {
            "worker_instance_id": self.instance,
            "worker_session_token": self.token,
            "concurrency_limit": 1,
            "actions": [HELD],
            "wait_seconds": wait_seconds,
        }

    async def announce(self) -> None:
        """Lists the action, so that the courier leaves its jobs alone."""
        reply = await patiently(lambda: self.caller.post("jobs/claim", self.asking(0)))
        assert reply.status == HTTPStatus.NO_CONTENT, reply.raw

    async def claim(self) -> JsonObject:
        """Polls until there is a job."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                reply = await patiently(lambda: self.caller.post("jobs/claim", self.asking(5)))
                if reply.status == HTTPStatus.OK:
                    return reply.json

    def fence(self, job: JsonObject) -> JsonObject:
        return {"worker_session_token": self.token, "attempt": job["attempt"]}

    async def beat(self, job: JsonObject) -> Reply:
        return await patiently(lambda: self.caller.post(f"jobs/{job['job_id']}/heartbeat", self.fence(job)))

    async def complete(self, job: JsonObject, result: Json = "done") -> None:
        body: JsonObject = {
            **self.fence(job),
            "status": "completed",
            "result_b64": b64encode(dump_json(result)).decode(),
        }
        reply = await patiently(lambda: self.caller.post(f"jobs/{job['job_id']}/complete", body))
        assert reply.status == HTTPStatus.NO_CONTENT, reply.raw
