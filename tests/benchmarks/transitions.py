"""Transitions of runs by the engine at several batch sizes, beside a bare statement that writes the same rows."""

from collections.abc import Mapping, Sequence
from time import perf_counter

from libs.chassis.bus.batch import Record
from tests.benchmarks.bare_transaction import BareTransaction, bare_transaction
from tests.benchmarks.engine_room import EngineRoom, Written, engine_room
from tests.benchmarks.load import SPEC, STEPS
from tests.benchmarks.rows import Row, row
from tests.benchmarks.theme import Round, Samples, Theme

RUNS = {1: 150, 50: 1_000, 500: 2_000}
"""By the size of a batch."""

RATIO_TARGET = 0.5


async def measure(round_: Round) -> Mapping[str, float]:
    measured: dict[str, float] = {}
    async with engine_room(round_.stage.stack.servers) as room, bare_transaction(room.url) as bare:
        for size, runs in RUNS.items():
            ours, raw = await _rates(room, bare, size, max(size, round_.sized(runs)))
            measured |= {f"transitions {size}": ours, f"raw transitions {size}": raw}
            round_.tell(f"  batches of {size}: {ours:.0f} transitions/s beside {raw:.0f} raw")
    return measured


def rows(samples: Samples) -> Sequence[Row]:
    return [
        row(
            f"engine, batches of {size} (raw: the same rows, bare)",
            "transitions/s",
            samples[f"transitions {size}"],
            raw=samples[f"raw transitions {size}"],
            ratio_target=RATIO_TARGET,
        )
        for size in RUNS
    ]


async def _rates(room: EngineRoom, bare: BareTransaction, size: int, runs: int) -> tuple[float, float]:
    """Transitions per second, ours and raw. One step of all runs, the same rows bare, then the next step."""
    written = await room.begin(SPEC, runs)
    await bare.begin(written)
    batches, ours, raw = [written], 0.0, 0.0
    for _ in STEPS:
        records = room.completions([step for batch in batches for step in batch.scheduled])
        batches, seconds = await _taken_in(room, records, size)
        ours += seconds
        raw += await bare.repeat(batches)
    transitions = runs * len(STEPS)
    return transitions / ours, transitions / raw


async def _taken_in(room: EngineRoom, records: Sequence[Record], size: int) -> tuple[list[Written], float]:
    began = perf_counter()
    written = [await room.take_in(records[first : first + size]) for first in range(0, len(records), size)]
    return written, perf_counter() - began


THEME = Theme("engine", measure, rows)
