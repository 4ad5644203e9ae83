"""A remote worker: claims over HTTP, keeps its leases, reports, and notes what it was told.

    MOBIUS_API_KEY=… python -m tests.chaos.parts.worker NAME JOBS_URL DIARY.jsonl

A report whose answer got lost is sent again as it was. `told` in the diary is the answer to a report: 204 means that
Mobius took it.
"""

import asyncio
import base64
import json
import os
import secrets
import signal
import sys
from contextlib import suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import aiohttp
import uvloop

from tests.chaos.parts.diary import Diary

ACTION = "chaos-work"
LANES = 40
"""Jobs at one time."""
HEARTBEAT_SECONDS = 1.0
REPORT_TRIES = 12
PAUSE_SECONDS = 0.3
_TIMEOUT = aiohttp.ClientTimeout(total=12)
_LOST = (aiohttp.ClientError, TimeoutError, OSError)


@dataclass(frozen=True)
class Worker:
    """One process with many lanes; a lane has one job at a time."""

    name: str
    jobs: str
    token: str
    http: aiohttp.ClientSession
    diary: Diary

    async def lane(self) -> None:
        """For ever: claim, work, report. What goes wrong on the way is waited out."""
        while True:
            try:
                job = await self._claim()
            except _LOST:
                job = None
                await asyncio.sleep(PAUSE_SECONDS)
            if job is not None:
                await self._carry_out(job)

    async def _claim(self) -> dict[str, Any] | None:
        claim = {
            "worker_instance_id": self.name,
            "worker_session_token": self.token,
            "concurrency_limit": LANES,
            "actions": [ACTION],
            "wait_seconds": 5,
        }
        async with self.http.post(f"{self.jobs}/claim", json=claim) as answer:
            if answer.status != 200:
                self._wonder("claim", answer.status, 204, 409)  # 409: whoever had the name before is not forgotten yet
                await asyncio.sleep(0 if answer.status == 204 else PAUSE_SECONDS)
                return None
            job: dict[str, Any] = await answer.json()
        self.diary.note("claimed", job_id=job["job_id"], attempt=job["attempt"], worker=self.name)
        return job

    async def _carry_out(self, job: dict[str, Any]) -> None:
        beating = asyncio.create_task(self._beat(job))
        await asyncio.sleep(job["parameters"]["ms"] / 1000)
        beating.cancel()
        await self._report(job)

    async def _beat(self, job: dict[str, Any]) -> None:
        """Heartbeats go on whatever is answered, also to a run that was cancelled: then the report comes late."""
        while True:
            await asyncio.sleep(HEARTBEAT_SECONDS)
            with suppress(*_LOST):
                async with self.http.post(f"{self.jobs}/{job['job_id']}/heartbeat", json=self._fence(job)) as answer:
                    self._wonder("heartbeat", answer.status, 200, 409)

    async def _report(self, job: dict[str, Any]) -> None:
        nonce = secrets.token_hex(8)
        known = {"job_id": job["job_id"], "attempt": job["attempt"], "nonce": nonce, "worker": self.name}
        self.diary.note("reporting", status=self._verdict(job), **known)
        for _ in range(REPORT_TRIES):
            try:
                url = f"{self.jobs}/{job['job_id']}/complete"
                async with self.http.post(url, json=self._body(job, nonce)) as answer:
                    status = answer.status
                    await answer.read()
            except _LOST:
                status = 0
            self._wonder("complete", status, 0, 204, 409)
            if status in (204, 409):
                self.diary.note("told", http=status, **known)
                return
            await asyncio.sleep(PAUSE_SECONDS)

    def _wonder(self, asked: str, status: int, *expected: int) -> None:
        """Notes an answer that a worker with a good key should never get."""
        if status < 500 and status not in expected:
            self.diary.note("odd", asked=asked, http=status, by=self.name)

    def _verdict(self, job: dict[str, Any]) -> str:
        return "failed" if job["parameters"]["fails"] else "completed"

    def _body(self, job: dict[str, Any], nonce: str) -> dict[str, Any]:
        if self._verdict(job) == "failed":
            told = {"status": "failed", "error_type": "activity_failed", "error_message": nonce}
        else:
            result = json.dumps({"nonce": nonce, "n": job["parameters"]["n"]}).encode()
            told = {"status": "completed", "result_b64": base64.b64encode(result).decode()}
        return {**self._fence(job), **told}

    def _fence(self, job: dict[str, Any]) -> dict[str, Any]:
        return {"worker_session_token": self.token, "attempt": job["attempt"]}


async def main(name: str, jobs: str, diary: Path) -> None:
    """Works until SIGTERM."""
    stopped = asyncio.Event()
    asyncio.get_running_loop().add_signal_handler(signal.SIGTERM, stopped.set)
    headers = {"Authorization": f"Bearer {os.environ['MOBIUS_API_KEY']}"}
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(headers=headers, timeout=_TIMEOUT, connector=connector) as http:
        worker = Worker(name, jobs, secrets.token_hex(16), http, Diary(diary))
        lanes = [asyncio.create_task(worker.lane()) for _ in range(LANES)]
        await stopped.wait()
        for lane in lanes:
            lane.cancel()
        await asyncio.gather(*lanes, return_exceptions=True)


if __name__ == "__main__":
    uvloop.run(main(sys.argv[1], sys.argv[2], Path(sys.argv[3])))
