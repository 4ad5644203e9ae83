"""Follows a run to its end by its event stream (Server-Sent Events), across lost connections.

The stream is for watching; the truth is the run itself. So a stream that ends or breaks leads to a look at the run,
and to a new stream from the last event seen when the run is not over.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterable, AsyncIterator, Callable
from contextlib import aclosing, suppress

import aiohttp
from pydantic import Field, JsonValue

from demo.answers import Answer, Run
from demo.mobius_api import FIRST_PAUSE, ApiRefused, MobiusApi


class RunEvent(Answer):
    """One event: `data` is the run or the step as it is then, by `type` (`run_updated`, `run_step_updated`)."""

    type: str
    run_id: str
    seq: int
    data: dict[str, JsonValue] = Field(default_factory=dict)


async def follow_run(api: MobiusApi, run_id: str, on_event: Callable[[RunEvent], None]) -> Run:
    """Waits for the run's end and answers with the run and its steps."""
    since = 0
    while True:
        with suppress(aiohttp.ClientError, TimeoutError, ApiRefused):
            async with aclosing(_events_since(api, run_id, since)) as events:
                async for event in events:
                    since = max(since, event.seq)
                    on_event(event)
                    if _ends_run(event):
                        break
        run = await api.get(f"runs/{run_id}", Run)
        if run.is_over:
            return run
        await asyncio.sleep(FIRST_PAUSE.total_seconds())


def _ends_run(event: RunEvent) -> bool:
    return event.type == "run_updated" and event.data.get("status") in ("completed", "failed")


async def read_events(lines: AsyncIterable[bytes]) -> AsyncIterator[RunEvent]:
    """The events of a stream given line by line; comments and fields other than `data` are passed over."""
    data: list[bytes] = []
    async for line in lines:
        content = line.rstrip(b"\r\n")
        if content.startswith(b"data:"):
            data.append(content.removeprefix(b"data:").removeprefix(b" "))
        elif not content and data:
            yield RunEvent.model_validate_json(b"\n".join(data))
            data = []


async def _events_since(api: MobiusApi, run_id: str, since: int) -> AsyncGenerator[RunEvent, None]:
    async with api.stream(f"runs/{run_id}/events", since) as body:
        async for event in read_events(body):
            yield event
