"""Workers that wait: long polls that are parked at the dispatcher, many at once, each on a connection of its own."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass, field

from tests.benchmarks.stage import Stage
from tests.benchmarks.wire import Answer, Wire, wires
from tests.benchmarks.workers import ACTIONS

POLLS = 1_000
POLL_SECONDS = 30
SETTLE_SECONDS = 2.0
RETRY_SECONDS = 1.0


def token_of(number: int) -> str:
    return f"parked-{number}"


@dataclass(slots=True)
class Polls:
    """`answered` gets the number of a poll and its answer. One that was answered may be parked again."""

    path: str
    wires: list[Wire]
    answered: "asyncio.Queue[tuple[int, Answer]]" = field(default_factory=asyncio.Queue)
    waiting: dict[int, "asyncio.Task[None]"] = field(default_factory=dict)

    def park(self, number: int) -> None:
        self.waiting[number] = asyncio.create_task(self._poll(number))

    async def _poll(self, number: int) -> None:
        name = token_of(number)
        claim = {"worker_instance_id": name, "worker_session_token": name, "concurrency_limit": 1, "actions": ACTIONS}
        claim |= {"wait_seconds": POLL_SECONDS}
        answer = await self.wires[number].post(f"{self.path}/claim", claim)
        while answer[0] == 503:  # a thousand that come at once may find no room; a worker comes back
            await asyncio.sleep(RETRY_SECONDS)
            answer = await self.wires[number].post(f"{self.path}/claim", claim)
        self.answered.put_nowait((number, answer))


@asynccontextmanager
async def parked(stage: Stage) -> AsyncIterator[Polls]:
    """All parked, for this block. Raises when one was answered that the block did not take out of `answered`."""
    headers = {"Authorization": f"Bearer {stage.stack.api_key}"}
    async with wires(stage.installation.dispatcher, POLLS, headers) as opened:
        polls = Polls(f"{stage.installation.project('')}/jobs", opened)
        for number in range(POLLS):
            polls.park(number)
        await asyncio.sleep(SETTLE_SECONDS)
        try:
            yield polls
        finally:
            for task in polls.waiting.values():
                task.cancel()
            await asyncio.gather(*polls.waiting.values(), return_exceptions=True)
    if not polls.answered.empty():
        raise RuntimeError(f"expected polls that wait, but {polls.answered.qsize()} were answered for nothing")
