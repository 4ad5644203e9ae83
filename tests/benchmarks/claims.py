"""Claim and complete over HTTP, one job at a time, by 64 clients, from a queue that is full.

Once with the engine and the audit stopped, so that what is measured is the dispatcher's own path; then with both.
"""

import asyncio
import os
import signal
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from time import perf_counter

import asyncpg
import orjson

from deploy.local.stack import LocalStack
from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.load import ONE_STEP, start
from tests.benchmarks.raw import posters
from tests.benchmarks.rows import Row, row
from tests.benchmarks.stage import Stage
from tests.benchmarks.theme import Round, Samples, Theme
from tests.benchmarks.wire import Poster
from tests.benchmarks.workers import ACTIONS, RESULT

CLIENTS = 64
PAIRS = 3_000
FOLLOWERS = ("engine", "audit")
WAITING = "SELECT count(*) FROM dispatcher.ready"
OPEN = "SELECT count(*) FROM engine.runs WHERE completed_at IS NULL"


async def measure(round_: Round) -> Mapping[str, float]:
    await round_.limit("posts")
    await round_.limit("post cpu")
    pairs = round_.sized(PAIRS)
    await _fill(round_.stage, pairs)
    with _stopped(round_.stage.stack, *FOLLOWERS):
        alone, cpu = await _drained(round_.stage, pairs)
    await _until(round_.stage, OPEN, 0)
    await round_.limit("library posts")
    await _fill(round_.stage, pairs)
    with _stopped(round_.stage.stack, *FOLLOWERS):
        library, _ = await _drained(round_.stage, pairs, library=True)
    await _until(round_.stage, OPEN, 0)
    await _fill(round_.stage, pairs)
    whole, whole_cpu = await _drained(round_.stage, pairs)
    await _until(round_.stage, OPEN, 0)
    round_.tell(f"  claim+complete: {alone:.0f} pairs/s by the dispatcher, {whole:.0f} with all behind it")
    return {
        "pairs": alone,
        "pairs cpu": cpu,
        "pairs by library": library,
        "pairs with all": whole,
        "pairs with all cpu": whole_cpu,
    }


def rows(samples: Samples) -> Sequence[Row]:
    """A pair is two POSTs: the raw limit of its rate, and of its CPU."""
    half = [value / 2 for value in samples["posts"]]
    twice = [value * 2 for value in samples["post cpu"]]
    name, cpu, every = "claim+complete, n=1, 64 clients", "CPU per claim+complete", "engine and audit behind it"
    return [
        row(
            f"{name} of aiohttp, dispatcher alone",
            "pairs/s",
            samples["pairs by library"],
            raw=[value / 2 for value in samples["library posts"]],
            ratio_target=0.5,
        ),
        row(f"{name}, dispatcher alone", "pairs/s", samples["pairs"], raw=half),
        row(f"{name}, {every}", "pairs/s", samples["pairs with all"], raw=half),
        row(f"{cpu}, dispatcher alone", "ms", samples["pairs cpu"], raw=twice, higher_is_better=False),
        row(f"{cpu}, {every}", "ms", samples["pairs with all cpu"], raw=twice, higher_is_better=False),
    ]


async def _fill(stage: Stage, jobs: int) -> None:
    """Starts one-step runs, and waits until all of their jobs are in the queue."""
    body = {"mode": "inline", "spec": ONE_STEP, "inputs": {}}
    left = iter(range(jobs))

    async def caller() -> None:
        for _ in left:
            await start(stage.installation, body)

    await asyncio.gather(*(caller() for _ in range(CLIENTS)))
    await _until(stage, WAITING, jobs)


async def _until(stage: Stage, query: str, number: int) -> None:
    connection = await asyncpg.connect(stage.stack.postgres_url)
    try:
        async with asyncio.timeout(60):
            while await connection.fetchval(query) != number:
                await asyncio.sleep(0.02)
    finally:
        await connection.close()


@contextmanager
def _stopped(stack: LocalStack, *services: str) -> Iterator[None]:
    """These processes stand still for the block; what they should hear waits on its topic."""
    pids = [stack.pid(name) for name in services]
    try:
        for pid in pids:
            os.kill(pid, signal.SIGSTOP)
        yield
    finally:
        for pid in pids:
            os.kill(pid, signal.SIGCONT)


async def _drained(stage: Stage, jobs: int, *, library: bool = False) -> tuple[float, float]:
    """Pairs per second, and CPU milliseconds of a pair over all processes, the client's among them."""
    headers = {"Authorization": f"Bearer {stage.stack.api_key}"}
    async with posters(stage.installation.dispatcher, CLIENTS, headers, library=library) as opened:
        meter, began = CpuMeter(stage.stack.pids()), perf_counter()
        path = f"{stage.installation.project('')}/jobs"
        counts = await asyncio.gather(*(_drain(wire, path, number) for number, wire in enumerate(opened)))
        elapsed, spent = perf_counter() - began, sum(meter.spent().values())
    if sum(counts) != jobs:
        raise RuntimeError(f"expected {jobs} jobs to be done, but {sum(counts)} were")
    return jobs / elapsed, spent / jobs * 1_000


async def _drain(wire: Poster, path: str, number: int) -> int:
    """One client, until there is nothing left to claim."""
    claim = {
        "worker_instance_id": f"drain-{number}",
        "worker_session_token": f"drain-{number}",
        "concurrency_limit": 1,
        "actions": ACTIONS,
    }
    report = {"worker_session_token": f"drain-{number}", "status": "completed", "result_b64": RESULT}
    done = 0
    while True:
        status, raw = await wire.post(f"{path}/claim", claim)
        if status == 204:
            return done
        job = orjson.loads(raw)
        answer = await wire.post(f"{path}/{job['job_id']}/complete", report | {"attempt": job["attempt"]})
        if answer[0] >= 300:
            raise RuntimeError(f"expected a completed job, but got {answer}")
        done += 1


THEME = Theme("claims", measure, rows)
