"""A thousand workers wait, and one job comes: how soon one of them has it, and that no other is answered."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime, timedelta
from statistics import median
from typing import NamedTuple

import orjson

from libs.chassis.bus.producer import Message, Producer
from libs.chassis.clock import parse_time
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, entry
from libs.contracts.events.engine import StepScheduled
from tests.benchmarks.load import STEPS, Installation
from tests.benchmarks.polls import POLLS, Polls, parked, token_of
from tests.benchmarks.rows import Row, cost
from tests.benchmarks.theme import Round, Samples, Theme
from tests.benchmarks.workers import RESULT

JOBS = 100
MILLISECOND = timedelta(milliseconds=1)
TARGET_MS = 3.0
QUIET_SECONDS = 0.3
"""Long enough for a second answer, were there one."""


class Found(NamedTuple):
    """Milliseconds until a worker has a job: from the production of its event, and from the start of its commit."""

    from_production: float
    from_commit: float


async def measure(round_: Round) -> Mapping[str, float]:
    commit, half = await round_.limit("commit alone"), await round_.limit("post alone") / 2
    producer = Producer(round_.stage.stack.kafka_bootstrap, "bench-parked")
    async with parked(round_.stage) as polls:
        found = [await _one(producer, polls, round_.stage.installation) for _ in range(round_.sized(JOBS))]
        await asyncio.sleep(QUIET_SECONDS)
    await producer.stop()
    whole, job = median(one.from_production for one in found), median(one.from_commit for one in found)
    round_.tell(f"  {POLLS} parked polls, one job: {job:.2f} ms from its commit, {whole:.2f} ms from its production")
    must = commit + half
    whole_must = must + await round_.limit("handed over")
    return {"parked": job, "parked must": must, "parked whole": whole, "parked whole must": whole_must}


def rows(samples: Samples) -> Sequence[Row]:
    title, unit = f"{POLLS:,} parked long polls, one job, one answer", "ms p50"
    whole, must = f"{title}, from production (raw: and a hand-over)", samples["parked must"]
    return [
        cost(f"{title} (raw: a commit, half a POST)", unit, samples["parked"], raw=must, target=TARGET_MS),
        cost(whole, unit, samples["parked whole"], raw=samples["parked whole must"]),
    ]


async def _one(producer: Producer, polls: Polls, installation: Installation) -> Found:
    """One job, to one worker, which completes it and waits again."""
    job_id, run_id = new_id("job"), new_id("run")
    step = StepScheduled(
        run_id=run_id,
        workflow_name="bench",
        path="main",
        step=STEPS[0],
        attempt=1,
        kind="worker",
        action=STEPS[0],
        invocation_id=job_id,
        queue="default",
        parameters={"n": 1},
    )
    said = entry(Context("engine", "default", datetime.now(UTC)), run_id, 1, run_id, step)
    produced = datetime.now(UTC)
    await producer.publish(said.topic, said.partition, [Message(run_id.encode(), said.raw)])
    number, (status, raw) = await asyncio.wait_for(polls.answered.get(), 10)
    answered = datetime.now(UTC)
    if status != 200 or orjson.loads(raw)["job_id"] != job_id:
        raise RuntimeError(f"expected {job_id} for one of the polls, but {token_of(number)} got {status} {raw!r}")
    report = {"worker_session_token": token_of(number), "attempt": 1, "status": "completed", "result_b64": RESULT}
    await polls.wires[number].post(f"{polls.path}/{job_id}/complete", report)
    polls.park(number)
    begun = await _claimed_at(installation, job_id)
    return Found((answered - produced) / MILLISECOND, (answered - begun) / MILLISECOND)


async def _claimed_at(installation: Installation, job_id: str) -> datetime:
    """When the dispatcher began to commit the job into a worker's hands, by the clock of this machine."""
    url = f"{installation.project(installation.dispatcher)}/jobs/{job_id}"
    async with installation.http.get(url) as response:
        response.raise_for_status()
        job: dict[str, str] = await response.json()
        return parse_time(job["claimed_at"])


THEME = Theme("parked", measure, rows)
