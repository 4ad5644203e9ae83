"""Those who start runs: they keep a number of runs in flight, ask again until they know, and cancel some."""

import asyncio
import random
from collections.abc import Callable
from contextlib import suppress
from dataclasses import dataclass, field
from typing import Any

import aiohttp

from tests.chaos.parts.diary import Diary
from tests.chaos.parts.workflows import Workflows

CALLERS = 8
PAUSE_SECONDS = 0.3
PACE_SECONDS = 0.1
"""Between two runs of one caller, so that nobody runs far ahead of the last count."""
_TIMEOUT = aiohttp.ClientTimeout(total=8)
_LOST = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass
class Callers:
    """`run` until told to stop. `in_flight` says how many runs have not ended; `wanted` is how many there shall be."""

    runs: str
    key: str
    diary: Diary
    rng: random.Random
    wanted: int
    in_flight: Callable[[], int]
    accepted: int = 0
    _stopping: asyncio.Event = field(default_factory=asyncio.Event)

    async def run(self) -> None:
        """Ends when every caller knows what became of what it asked for."""
        workflows = Workflows(self.rng)
        headers = {"Authorization": f"Bearer {self.key}"}
        async with aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT) as http:
            await asyncio.gather(*(self._caller(http, workflows) for _ in range(CALLERS)))

    def stop(self) -> None:
        self._stopping.set()

    async def _caller(self, http: aiohttp.ClientSession, workflows: Workflows) -> None:
        while not self._stopping.is_set():
            if self.in_flight() >= self.wanted:
                await asyncio.sleep(PAUSE_SECONDS)
                continue
            body = workflows.draw()
            run_id = await self._start(http, body)
            await self._afterwards(http, body, run_id)
            await asyncio.sleep(PACE_SECONDS)

    async def _afterwards(self, http: aiohttp.ClientSession, body: dict[str, Any], run_id: str) -> None:
        mood = self.rng.random()
        if mood < 0.1:
            await self._start(http, body)
        elif mood < 0.2:
            await asyncio.sleep(self.rng.random())
            await self._cancel(http, run_id)

    async def _start(self, http: aiohttp.ClientSession, body: dict[str, Any]) -> str:
        """Asks until the answer says which run it is: 202, or 409 when it has ended meanwhile."""
        self.diary.note("starting", external_id=body["external_id"])
        while True:
            with suppress(*_LOST):
                async with http.post(self.runs, json=body) as answer:
                    self._wonder("start", answer.status, 202, 409)
                    run_id = _run_of(answer.status, await answer.json())
                if run_id is not None:
                    self.diary.note("accepted", external_id=body["external_id"], run_id=run_id)
                    self.accepted += 1
                    return run_id
            await asyncio.sleep(PAUSE_SECONDS)

    async def _cancel(self, http: aiohttp.ClientSession, run_id: str) -> None:
        self.diary.note("cancelling", run_id=run_id)
        while True:
            with suppress(*_LOST):
                async with http.post(f"{self.runs}/{run_id}/cancellations") as answer:
                    self._wonder("cancel", answer.status, 204)
                    if answer.status == 204:
                        self.diary.note("cancelled", run_id=run_id)
                        return
            await asyncio.sleep(PAUSE_SECONDS)

    def _wonder(self, asked: str, status: int, *expected: int) -> None:
        """Notes an answer that a caller with a good key should never get."""
        if status < 500 and status not in expected:
            self.diary.note("odd", asked=asked, http=status, by="caller")


def _run_of(status: int, answer: Any) -> str | None:
    """The run's id; None where one has to ask again."""
    if status == 202:
        return str(answer["id"])
    if status == 409:
        return str(answer["error"]["details"]["existing_run_id"])
    return None
