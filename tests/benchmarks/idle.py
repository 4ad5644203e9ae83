"""What an installation costs when nothing goes on: alone, and with a thousand workers that wait for jobs."""

import asyncio
from collections.abc import Mapping, Sequence

from libs.contracts.topics import SERVICES
from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.polls import POLLS, SETTLE_SECONDS, parked
from tests.benchmarks.rows import Row, cost
from tests.benchmarks.theme import Round, Samples, Theme

SECONDS = 8.0
TARGET_PERCENT = 2.0
SERVERS = ("postgres", "kafka")


async def measure(round_: Round) -> Mapping[str, float]:
    """Percent of a core."""
    measured = {f"idle {name}": value for name, value in (await _share(round_)).items()}
    async with parked(round_.stage):
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


THEME = Theme("idle", measure, rows)
