"""Claim and complete over HTTP, one job at a time, by 64 clients, from a queue that is full."""

import asyncio
from time import perf_counter

from tests.benchmarks.load import ONE_STEP, Installation, start
from tests.benchmarks.workers import ACTIONS, RESULT

CLIENTS = 64


async def pairs_per_second(installation: Installation, jobs: int) -> float:
    """Fills the queue, then drains it; claims and completions in pairs per second."""
    body = {"mode": "inline", "spec": ONE_STEP, "inputs": {}}
    gate = asyncio.Semaphore(CLIENTS)

    async def fill() -> None:
        async with gate:
            await start(installation, body)

    await asyncio.gather(*(fill() for _ in range(jobs)))
    began = perf_counter()
    counts = await asyncio.gather(*(_drain(installation, number) for number in range(CLIENTS)))
    elapsed = perf_counter() - began
    if sum(counts) != jobs:
        raise RuntimeError(f"expected {jobs} jobs to be done, but {sum(counts)} were")
    return jobs / elapsed


async def _drain(installation: Installation, number: int) -> int:
    jobs = f"{installation.project(installation.dispatcher)}/jobs"
    token = f"drain-{number}"
    claim = {
        "worker_instance_id": token,
        "worker_session_token": token,
        "concurrency_limit": 1,
        "actions": ACTIONS,
        "wait_seconds": 1,
    }
    done = 0
    while True:
        async with installation.http.post(f"{jobs}/claim", json=claim) as response:
            if response.status == 204:
                return done
            job = await response.json()
        report = {
            "worker_session_token": token,
            "attempt": job["attempt"],
            "status": "completed",
            "result_b64": RESULT,
        }
        async with installation.http.post(f"{jobs}/{job['job_id']}/complete", json=report) as response:
            response.raise_for_status()
        done += 1
