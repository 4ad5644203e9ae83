"""Transitions of runs by the engine at several batch sizes, beside a bare statement that writes the same rows."""

from collections.abc import Mapping, Sequence
from time import perf_counter, process_time

from tests.benchmarks.bare_transaction import BareTransaction, bare_transaction
from tests.benchmarks.engine_room import EngineRoom, engine_room
from tests.benchmarks.load import SPEC, STEPS
from tests.benchmarks.rows import Row, cost, row
from tests.benchmarks.theme import Round, Samples, Theme

RUNS = {1: 150, 50: 1_000, 500: 2_000}
"""By the size of a batch."""

RATIO_TARGET = 0.5


async def measure(round_: Round) -> Mapping[str, float]:
    measured: dict[str, float] = {}
    async with engine_room(round_.stage.stack.servers) as room, bare_transaction(room.url) as bare:
        for size, runs in RUNS.items():
            ours, raw, cpu = await _rates(room, bare, size, max(size, round_.sized(runs)))
            measured |= {f"transitions {size}": ours, f"raw transitions {size}": raw, f"transition cpu {size}": cpu}
            round_.tell(f"  batches of {size}: {ours:.0f} transitions/s beside {raw:.0f} raw")
    return measured


def rows(samples: Samples) -> Sequence[Row]:
    rates = [
        row(
            f"engine, batches of {size} (raw: the same rows, bare)",
            "transitions/s",
            samples[f"transitions {size}"],
            raw=samples[f"raw transitions {size}"],
            ratio_target=RATIO_TARGET,
        )
        for size in RUNS
    ]
    largest = max(RUNS)
    return [
        *rates,
        cost(f"engine, CPU per transition, batches of {largest}", "ms", samples[f"transition cpu {largest}"]),
    ]


async def _rates(room: EngineRoom, bare: BareTransaction, size: int, runs: int) -> tuple[float, float, float]:
    """Transitions per second, ours and raw, and our CPU milliseconds of one. One step of all runs, the same rows bare,
    then the next step."""
    written = await room.begin(SPEC, runs)
    await bare.begin(written)
    batches, ours, raw, spent = [written], 0.0, 0.0, 0.0
    for _ in STEPS:
        records = room.completions([step for batch in batches for step in batch.scheduled])
        began, cpu = perf_counter(), process_time()
        batches = [await room.take_in(records[first : first + size]) for first in range(0, len(records), size)]
        ours, spent = ours + perf_counter() - began, spent + process_time() - cpu
        raw += await bare.repeat(batches)
    transitions = runs * len(STEPS)
    return transitions / ours, transitions / raw, spent / transitions * 1_000


THEME = Theme("engine", measure, rows)
