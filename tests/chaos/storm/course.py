"""The course of one storm: load, strikes, calm, rest, and the evidence of all that."""

import asyncio
import random
import time
from collections import Counter
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

from tests.chaos.oracle.collect import collect
from tests.chaos.oracle.observation import Observation
from tests.chaos.parts.callers import Callers
from tests.chaos.parts.diary import Diary
from tests.chaos.storm.faults import Striker, plan
from tests.chaos.storm.installation import Installation, installed
from tests.chaos.storm.watch import Watch, until_rest

REST_SECONDS = 150.0
"""From the last fault until everything has ended by itself."""
READY_SECONDS = 90.0
_EASE_SECONDS = 4.0
"""Load without faults at the beginning, so that there is something in flight to strike."""


@dataclass(frozen=True)
class Weather:
    """`faults` False is a calm day: load and nothing else."""

    seed: int
    seconds: float
    in_flight: int = 300
    faults: bool = True


@dataclass
class Outcome:
    """`moving` is what had not come to rest in time, as a sentence; empty is good."""

    observation: Observation
    struck: Counter[str] = field(default_factory=Counter)
    moving: str = ""
    rest_seconds: float = 0.0


async def weather(folder: Path, day: Weather, tell: Callable[[str], None]) -> Outcome:
    """Starts an installation in the folder, runs the day, and stops all of it. The evidence is in the outcome."""
    began = time.monotonic()

    def say(sentence: str) -> None:
        tell(f"{time.monotonic() - began:6.1f} s  {sentence}")

    log: list[str] = []
    async with installed(folder, log.append) as installation:
        say("everything runs")
        outcome = Outcome(Observation())
        await _load_and_strike(installation, day, outcome, say)
        since = time.monotonic()
        outcome.moving = await until_rest(installation, REST_SECONDS)
        outcome.rest_seconds = time.monotonic() - since
        say(f"expected rest, but {outcome.moving}" if outcome.moving else f"at rest after {outcome.rest_seconds:.1f} s")
        outcome.observation = await _evidence(installation)
    return outcome


async def _load_and_strike(
    installation: Installation, day: Weather, outcome: Outcome, say: Callable[[str], None]
) -> None:
    watch = Watch(installation)
    diary = Diary(installation.diary("callers"))
    url, key = f"{installation.project_url}/runs", installation.stack.api_key
    callers = Callers(url, key, diary, random.Random(day.seed), day.in_flight, lambda: watch.in_flight)
    async with _beside(watch.run()), _beside(callers.run()) as calling:
        await asyncio.sleep(min(_EASE_SECONDS, day.seconds))
        await _strike(installation, day, outcome, lambda what: say(f"{what:<58} {watch.in_flight:4} in flight"))
        callers.stop()
        async with asyncio.timeout(READY_SECONDS):
            await calling
        say(f"no more faults; {watch.in_flight} in flight, {watch.ended} have ended")
    diary.close()


async def _strike(installation: Installation, day: Weather, outcome: Outcome, say: Callable[[str], None]) -> None:
    striker, loop = Striker(installation), asyncio.get_running_loop()
    until = loop.time() + day.seconds - _EASE_SECONDS
    strikes: set[asyncio.Task[None]] = set()
    for pause, fault in plan(random.Random(day.seed)):
        await asyncio.sleep(max(0.0, min(pause, until - loop.time())))
        if loop.time() >= until:
            break
        if day.faults and striker.takes(fault):
            say(str(fault))
            outcome.struck[f"{fault.what} {fault.whom}"] += 1
            strikes.add(asyncio.create_task(striker.strike(fault)))
    async with asyncio.timeout(READY_SECONDS):
        await asyncio.gather(*strikes)
        await striker.calm()


async def _evidence(installation: Installation) -> Observation:
    stack = installation.stack
    diaries = sorted(installation.diary("any").parent.glob("*.jsonl"))
    return await collect(
        stack.kafka_bootstrap, installation.servers.postgres_url, installation.project_url, stack.api_key, diaries
    )


@asynccontextmanager
async def _beside(work: "asyncio._CoroutineLike[None]") -> AsyncIterator["asyncio.Task[None]"]:
    """Runs something beside the block, and ends it with the block."""
    task = asyncio.create_task(work)
    try:
        yield task
    finally:
        task.cancel()
        await asyncio.gather(task, return_exceptions=True)
