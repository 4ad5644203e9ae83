"""What an installation costs when nothing goes on: alone, and with a thousand workers that wait for jobs."""

import asyncio
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager

from libs.contracts.topics import SERVICES
from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.rows import Row, cost
from tests.benchmarks.stage import Stage
from tests.benchmarks.theme import Round, Samples, Theme
from tests.benchmarks.wire import Wire, wires
from tests.benchmarks.workers import ACTIONS

SECONDS = 8.0
SETTLE_SECONDS = 2.0
POLLS = 1_000
POLL_SECONDS = 30
TARGET_PERCENT = 2.0
SERVERS = ("postgres", "kafka")


async def measure(round_: Round) -> Mapping[str, float]:
    """Percent of a core."""
    measured = {f"idle {name}": value for name, value in (await _share(round_)).items()}
    async with _parked(round_.stage):
        measured |= {f"parked {name}": value for name, value in (await _share(round_)).items()}
    round_.tell(f"  idle: {measured['idle services']:.2f} % of a core, {measured['parked services']:.2f} % with polls")
    return measured


def rows(samples: Samples) -> Sequence[Row]:
    unit, title, polls = "% of a core", "idle CPU", f"{POLLS:,} parked long polls"
    return [
        cost(f"{title}, all services", unit, samples["idle services"], target=TARGET_PERCENT),
        cost(f"{title}, all services, {polls}", unit, samples["parked services"], target=TARGET_PERCENT),
        cost(f"{title}, PostgreSQL and Kafka under it", unit, samples["idle servers"]),
        *(cost(f"{title}, of it {name}", unit, samples[f"idle {name}"]) for name in SERVICES),
    ]


async def _share(round_: Round) -> Mapping[str, float]:
    seconds = SECONDS * round_.scale
    await asyncio.sleep(SETTLE_SECONDS)
    meter = CpuMeter(round_.stage.stack.pids())
    await asyncio.sleep(seconds)
    spent = {name: used / seconds * 100 for name, used in meter.spent().items()}
    services, servers = (sum(spent[name] for name in names) for names in (SERVICES, SERVERS))
    return {name: spent[name] for name in SERVICES} | {"services": services, "servers": servers}


@asynccontextmanager
async def _parked(stage: Stage) -> AsyncIterator[None]:
    """So many workers, each with one poll that outlives the measurement."""
    headers = {"Authorization": f"Bearer {stage.stack.api_key}"}
    path = f"{stage.installation.project('')}/jobs/claim"
    async with wires(stage.installation.dispatcher, POLLS, headers) as opened:
        polls = [asyncio.create_task(_poll(wire, path, number)) for number, wire in enumerate(opened)]
        yield
        ended = [poll for poll in polls if poll.done()]
        for poll in polls:
            poll.cancel()
        await asyncio.gather(*polls, return_exceptions=True)
    if ended:
        raise RuntimeError(f"expected {POLLS} polls to wait, but {len(ended)} were answered")


async def _poll(wire: Wire, path: str, number: int) -> None:
    name = f"parked-{number}"
    claim = {"worker_instance_id": name, "worker_session_token": name, "concurrency_limit": 1, "actions": ACTIONS}
    await wire.post(path, claim | {"wait_seconds": POLL_SECONDS})


THEME = Theme("idle", measure, rows)
