"""A thousand workers wait, and one job comes: how soon one of them has it, and that no other is answered."""

import asyncio
from collections.abc import Mapping, Sequence
from datetime import UTC, datetime
from statistics import median
from time import perf_counter

import orjson

from libs.chassis.bus.producer import Message, Producer
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, entry
from libs.contracts.events.engine import StepScheduled
from tests.benchmarks.load import STEPS
from tests.benchmarks.polls import POLLS, Polls, parked, token_of
from tests.benchmarks.rows import Row, cost
from tests.benchmarks.theme import Round, Samples, Theme
from tests.benchmarks.workers import RESULT

JOBS = 100
TARGET_MS = 3.0
QUIET_SECONDS = 0.3
"""Long enough for a second answer, were there one."""


async def measure(round_: Round) -> Mapping[str, float]:
    """Milliseconds from the acknowledgement of `step.scheduled` until a worker has the job, p50."""
    must = await round_.limit("commit alone") + await round_.limit("post alone") / 2
    producer = Producer(round_.stage.stack.kafka_bootstrap, "bench-parked")
    async with parked(round_.stage) as polls:
        taken = [await _one(producer, polls) for _ in range(round_.sized(JOBS))]
        await asyncio.sleep(QUIET_SECONDS)
    await producer.stop()
    round_.tell(f"  {POLLS} parked polls, one job: {median(taken):.2f} ms")
    return {"parked": median(taken), "parked must": must}


def rows(samples: Samples) -> Sequence[Row]:
    title = f"{POLLS:,} parked long polls, one job: one answer (raw: a commit, half a POST)"
    return [cost(title, "ms p50", samples["parked"], raw=samples["parked must"], target=TARGET_MS)]


async def _one(producer: Producer, polls: Polls) -> float:
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
    await producer.publish(said.topic, said.partition, [Message(run_id.encode(), said.raw)])
    began = perf_counter()
    number, (status, raw) = await asyncio.wait_for(polls.answered.get(), 10)
    taken = (perf_counter() - began) * 1_000
    if status != 200 or orjson.loads(raw)["job_id"] != job_id:
        raise RuntimeError(f"expected {job_id} for one of the polls, but {token_of(number)} got {status} {raw!r}")
    report = {"worker_session_token": token_of(number), "attempt": 1, "status": "completed", "result_b64": RESULT}
    await polls.wires[number].post(f"{polls.path}/{job_id}/complete", report)
    polls.park(number)
    return taken


THEME = Theme("parked", measure, rows)
