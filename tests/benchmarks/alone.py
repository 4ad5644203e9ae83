"""One 3-step run alone, as its caller sees it, beside the raw round trips that it must make one after the other."""

from collections.abc import Mapping, Sequence

from tests.benchmarks import workflows
from tests.benchmarks.load import STEPS
from tests.benchmarks.rows import Row, cost
from tests.benchmarks.theme import Round, Samples, Theme
from tests.benchmarks.workflows import ALONE

ROUND_TRIPS: Mapping[str, int] = {
    "post alone": 1 + len(STEPS),
    "commit alone": 1 + 3 * len(STEPS),
    "handed over": 2 * len(STEPS),
}
"""What stands between the caller's request and its answer, none of it beside another.

POSTs: the start, and for each step the half that answers a waiting claim with the half that brings the report.
Commits: the start, and for each step its job in the hands of a worker, its report, and the move of the run.
Hand-overs from producer to consumer: for each step to the dispatcher and back to the engine.
"""

P50_TARGET_MS = 18.0
P99_TARGET = 3.0


async def measure(round_: Round) -> Mapping[str, float]:
    must = sum([count * await round_.limit(name) for name, count in ROUND_TRIPS.items()])
    measured = await workflows.measure(ALONE, round_)
    return {**measured, "alone must": must}


def rows(samples: Samples) -> Sequence[Row]:
    p50, p99 = samples["alone p50"], samples["alone p99"]
    title = "one 3-step run alone"
    return [
        cost(
            f"{title}, p50 (raw: the round trips it must make)",
            "ms",
            p50,
            raw=samples["alone must"],
            target=P50_TARGET_MS,
        ),
        cost(f"{title}, p99 (raw: p50)", "ms", p99, raw=p50, ratio_target=P99_TARGET),
        *workflows.cpu_rows(ALONE, samples),
    ]


THEME = Theme(ALONE.name, measure, rows)
