"""Remote no-op workers in a process of their own: claim one job, or what is there up to so many, complete, again."""

import asyncio
import base64
import sys
from typing import Any

import orjson
import uvloop

from libs.contracts.codec import dump_json
from tests.benchmarks.wire import Wire, wires

RESULT = base64.b64encode(b'{"ok":true}').decode()
ACTIONS = ["bench-a", "bench-b", "bench-c"]


def claim_of(number: int, room: int) -> dict[str, object]:
    """What a worker asks with."""
    return {
        "worker_instance_id": f"bench-{number}",
        "worker_session_token": f"bench-token-{number}",
        "concurrency_limit": room,
        "actions": ACTIONS,
        "wait_seconds": 20,
    }


async def work(wire: Wire, jobs: str, number: int) -> None:
    """One worker: never more than one job at a time."""
    claim = claim_of(number, 1)
    asking = dump_json(claim)
    while True:
        status, raw = await wire.post(f"{jobs}/claim", asking)
        if status == 204:
            continue
        job = _read(status, raw)
        done = {
            "worker_session_token": claim["worker_session_token"],
            "attempt": job["attempt"],
            "status": "completed",
            "result_b64": RESULT,
        }
        status, raw = await wire.post(f"{jobs}/{job['job_id']}/complete", done)
        if status != 204:
            raise RuntimeError(f"expected a completed job, but got {status}: {raw!r}")


async def work_in_batches(wire: Wire, jobs: str, number: int, batch: int) -> None:
    """One worker: takes what is there, and reports all of it together."""
    claim = claim_of(number, batch) | {"max_jobs": batch}
    asking = dump_json(claim)
    while True:
        status, raw = await wire.post(f"{jobs}/claim", asking)
        if status == 204:
            continue
        results = [_done(job) for job in _read(status, raw)["jobs"]]
        done = {"worker_session_token": claim["worker_session_token"], "results": results}
        status, raw = await wire.post(f"{jobs}/complete", done)
        outcomes = _read(status, raw)["results"]
        if not all(outcome["ok"] for outcome in outcomes):
            raise RuntimeError(f"expected every report to be taken, but got {outcomes}")


def _read(status: int, raw: bytes) -> dict[str, Any]:
    if status != 200:
        raise RuntimeError(f"expected an answer with a body, but got {status}: {raw!r}")
    found: dict[str, Any] = orjson.loads(raw)
    return found


def _done(job: dict[str, object]) -> dict[str, object]:
    return {"job_id": job["job_id"], "attempt": job["attempt"], "status": "completed", "result_b64": RESULT}


async def main(base: str, key: str, count: int, batch: int) -> None:
    jobs = "/v1/projects/default/jobs"
    async with wires(base, count, {"Authorization": f"Bearer {key}"}) as opened:
        working = (
            work(wire, jobs, number) if batch == 1 else work_in_batches(wire, jobs, number, batch)
            for number, wire in enumerate(opened)
        )
        tasks = [asyncio.create_task(one) for one in working]
        print("ready", flush=True)
        closed = asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        await asyncio.wait([closed, *tasks], return_when=asyncio.FIRST_COMPLETED)
        for task in tasks:
            task.cancel()
        ended = await asyncio.gather(*tasks, return_exceptions=True)
    broken = [error for error in ended if isinstance(error, Exception)]
    if broken:
        raise broken[0]


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])))
