"""Remote no-op workers in a process of their own: claim one job, or what is there up to so many, complete, again."""

import asyncio
import base64
import sys

import aiohttp
import uvloop

from tests.benchmarks.raw import session

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


async def work(http: aiohttp.ClientSession, jobs: str, number: int) -> None:
    """One worker: never more than one job at a time."""
    claim = claim_of(number, 1)
    while True:
        async with http.post(f"{jobs}/claim", json=claim) as response:
            response.raise_for_status()
            if response.status == 204:
                continue
            job = await response.json()
        done = {
            "worker_session_token": claim["worker_session_token"],
            "attempt": job["attempt"],
            "status": "completed",
            "result_b64": RESULT,
        }
        async with http.post(f"{jobs}/{job['job_id']}/complete", json=done) as response:
            response.raise_for_status()


async def work_in_batches(http: aiohttp.ClientSession, jobs: str, number: int, batch: int) -> None:
    """One worker: takes what is there, and reports all of it together."""
    claim = claim_of(number, batch) | {"max_jobs": batch}
    while True:
        async with http.post(f"{jobs}/claim", json=claim) as response:
            response.raise_for_status()
            if response.status == 204:
                continue
            claimed = (await response.json())["jobs"]
        results = [_done(job) for job in claimed]
        done = {"worker_session_token": claim["worker_session_token"], "results": results}
        async with http.post(f"{jobs}/complete", json=done) as response:
            response.raise_for_status()
            outcomes = (await response.json())["results"]
        if not all(outcome["ok"] for outcome in outcomes):
            raise RuntimeError(f"expected every report to be taken, but got {outcomes}")


def _done(job: dict[str, object]) -> dict[str, object]:
    return {"job_id": job["job_id"], "attempt": job["attempt"], "status": "completed", "result_b64": RESULT}


async def main(base: str, key: str, count: int, batch: int) -> None:
    jobs = f"{base}/v1/projects/default/jobs"
    async with session(count, headers={"Authorization": f"Bearer {key}"}) as http:
        working = (
            work(http, jobs, number) if batch == 1 else work_in_batches(http, jobs, number, batch)
            for number in range(count)
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
