"""Remote no-op workers in a process of their own: claim one job, complete it, again."""

import asyncio
import base64
import sys

import aiohttp
import uvloop

from tests.benchmarks.raw import session

RESULT = base64.b64encode(b'{"ok":true}').decode()
ACTIONS = ["bench-a", "bench-b", "bench-c"]


async def work(http: aiohttp.ClientSession, jobs: str, number: int) -> None:
    """One worker: never more than one job at a time."""
    token = f"bench-token-{number}"
    claim = {
        "worker_instance_id": f"bench-{number}",
        "worker_session_token": token,
        "concurrency_limit": 1,
        "actions": ACTIONS,
        "wait_seconds": 20,
    }
    while True:
        async with http.post(f"{jobs}/claim", json=claim) as response:
            if response.status != 200:
                continue
            job = await response.json()
        done = {
            "worker_session_token": token,
            "attempt": job["attempt"],
            "status": "completed",
            "result_b64": RESULT,
        }
        async with http.post(f"{jobs}/{job['job_id']}/complete", json=done) as response:
            response.raise_for_status()


async def main(base: str, key: str, count: int) -> None:
    async with session(count, headers={"Authorization": f"Bearer {key}"}) as http:
        tasks = [asyncio.create_task(work(http, f"{base}/v1/projects/default/jobs", number)) for number in range(count)]
        print("ready", flush=True)
        await asyncio.get_running_loop().run_in_executor(None, sys.stdin.read)
        for task in tasks:
            task.cancel()
        await asyncio.gather(*tasks, return_exceptions=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], int(sys.argv[3])))
