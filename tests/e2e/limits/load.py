"""Callers who do not wait when they are told to: runs are started as fast as they are taken, and everything is kept."""

import asyncio
import itertools
from collections.abc import AsyncIterator, Iterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from libs.chassis.ids import new_id
from libs.contracts.codec import JsonObject
from tests.e2e.calls import Caller, Reply

ACTION = "bear-it"
IMPATIENCE_SECONDS = 0.1


@dataclass
class Load:
    """What was answered, by external id: the run that was accepted, the refusal, or that nobody can tell."""

    name: str = field(default_factory=lambda: new_id("load"))
    accepted: dict[str, str] = field(default_factory=dict)
    refused: dict[str, Reply] = field(default_factory=dict)
    unclear: set[str] = field(default_factory=set)
    _numbers: Iterator[int] = field(default_factory=itertools.count)

    async def start_one(self, engine: Caller, text: str = "") -> Reply:
        """A run of one step, with an external id of its own."""
        external_id = f"{self.name}-{next(self._numbers)}"
        reply = await engine.post("runs", body(external_id, text))
        if reply.status == 202:
            self.accepted[external_id] = reply.text("id")
        elif is_unclear(reply):
            self.unclear.add(external_id)
        else:
            self.refused[external_id] = reply
        return reply

    async def until(self, accepted: int = 0, refused: int = 0, within: float = 60) -> None:
        """Waits until so many more have been answered either way."""
        accepted, refused = accepted + len(self.accepted), refused + len(self.refused)
        async with asyncio.timeout(within):
            while len(self.accepted) < accepted or len(self.refused) < refused:
                await asyncio.sleep(0.05)


@asynccontextmanager
async def pressing(load: Load, engine: Caller, clients: int = 16, text: str = "") -> AsyncIterator[None]:
    """Callers at work until the end of the block; each gets its last answer."""
    stopping = asyncio.Event()

    async def client() -> None:
        while not stopping.is_set():
            reply = await load.start_one(engine, text)
            if reply.status != 202:
                await asyncio.sleep(IMPATIENCE_SECONDS)

    async with asyncio.TaskGroup() as clients_at_work:
        for _ in range(clients):
            clients_at_work.create_task(client())
        try:
            yield
        finally:
            stopping.set()


def body(external_id: str, text: str) -> JsonObject:
    step: JsonObject = {"name": "only", "action": ACTION, "parameters": {"n": 1}}
    spec: JsonObject = {"name": "strained", "inputs": [{"name": "text", "type": "string"}], "steps": [step]}
    return {"mode": "inline", "spec": spec, "inputs": {"text": text}, "external_id": external_id}


def is_unclear(reply: Reply) -> bool:
    """A 503 that says that it may have happened."""
    error = reply.json.get("error")
    details = error.get("details") if isinstance(error, dict) else None
    return isinstance(details, dict) and details.get("outcome") == "unknown"
