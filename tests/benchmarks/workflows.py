"""3-step workflows with no-op remote workers, many at once: workflows/s, latency, and the CPU of every process."""

from asyncio.subprocess import Process
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial

from tests.benchmarks.children import child
from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.load import STEPS, Timing, run_many, to_its_end
from tests.benchmarks.rows import Row, cost, row
from tests.benchmarks.stage import Stage
from tests.benchmarks.theme import Round, Samples, Theme

POSTS = 1 + 2 * len(STEPS)
"""Requests that a workflow makes of its own: a start, and a claim and a report for each step."""


@dataclass(frozen=True, slots=True)
class Load:
    """How many callers wait for runs at once, and who does the work. Targets: workflows/s, and CPU milliseconds."""

    name: str
    title: str
    concurrency: int
    runs: int
    workers: int
    batch: int = 1
    rate_target: float | None = None
    cpu_target: float | None = None
    step_cpu_target: float | None = None
    in_detail: bool = False
    """Whether the table says which process the CPU goes to."""


ALONE = Load("alone", "one at a time", 1, 250, 3, in_detail=True)
FEW = Load("workflows-32", "c=32", 32, 1_500, 32)
MANY = Load(
    "workflows-128", "c=128", 128, 3_000, 128, rate_target=350, cpu_target=5, step_cpu_target=1.5, in_detail=True
)

BATCHED = Load(
    "workflows-batched",
    "c=128, in batches",
    128,
    4_000,
    workers=8,
    batch=50,
    rate_target=600,
    cpu_target=3,
    in_detail=True,
)


@asynccontextmanager
async def working(stage: Stage, load: Load) -> AsyncIterator[Process]:
    """The workers of a load, in a process of their own, for this block."""
    arguments = (stage.installation.dispatcher, stage.stack.api_key, str(load.workers), str(load.batch))
    async with child("tests.benchmarks.workers", *arguments) as (process, _):
        yield process


async def driven(stage: Stage, load: Load, turns: Sequence[object]) -> tuple[Timing, dict[str, float]]:
    """Runs after a warm-up; answers with the CPU seconds of every process too."""
    async with working(stage, load) as workers:
        call = partial(to_its_end, stage.installation)
        await run_many(call, load.concurrency, range(max(5, len(turns) // 10)))
        meter = CpuMeter({**stage.stack.pids(), "workers": workers.pid})
        timing = await run_many(call, load.concurrency, turns)
        return timing, meter.spent()


async def measure(load: Load, round_: Round) -> Mapping[str, float]:
    """Workflows/s, p50 and p99 (ms), CPU milliseconds per workflow in all and by process."""
    await round_.limit("posts")
    await round_.limit("post cpu")
    runs = round_.sized(load.runs)
    timing, spent = await driven(round_.stage, load, range(runs))
    measured = {"rate": timing.per_second, "p50": timing.percentile(0.5), "p99": timing.percentile(0.99)}
    measured["cpu"] = sum(spent.values()) / runs * 1_000
    measured |= {f"cpu:{name}": seconds / runs * 1_000 for name, seconds in spent.items()}
    round_.tell(
        f"  {load.title}: {measured['rate']:.0f} workflows/s, p50 {measured['p50']:.1f} ms,"
        f" p99 {measured['p99']:.1f} ms, CPU {measured['cpu']:.2f} ms per workflow"
    )
    return {f"{load.name} {name}": value for name, value in measured.items()}


def rows(load: Load, samples: Samples) -> Sequence[Row]:
    """The rate and the cost, beside seven bare POSTs; latency; who pays how much."""
    at = load.title
    limit = [value / POSTS for value in samples["posts"]]
    return [
        row(f"3-step workflows, {at}", "1/s", samples[f"{load.name} rate"], raw=limit, target=load.rate_target),
        cost(f"3-step workflow p50, {at}", "ms", samples[f"{load.name} p50"]),
        cost(f"3-step workflow p99, {at}", "ms", samples[f"{load.name} p99"]),
        *cpu_rows(load, samples),
    ]


def cpu_rows(load: Load, samples: Samples) -> Sequence[Row]:
    """CPU of a workflow, of one of its steps, and by process."""
    spent, at, steps = samples[f"{load.name} cpu"], load.title, len(STEPS)
    limit = [value * POSTS for value in samples["post cpu"]]
    per_step = [value / steps for value in spent], [value / steps for value in limit]
    prefix = f"{load.name} cpu:"
    found = sorted(name.removeprefix(prefix) for name in samples if name.startswith(prefix) and any(samples[name]))
    parts = found if load.in_detail else []
    return [
        cost(f"CPU per workflow, {at}", "ms", spent, raw=limit, target=load.cpu_target),
        cost(f"CPU per worker step, {at}", "ms", per_step[0], raw=per_step[1], target=load.step_cpu_target),
        *(cost(f"CPU per workflow, {at}, of it {part}", "ms", samples[prefix + part]) for part in parts),
    ]


def theme_of(load: Load) -> Theme:
    return Theme(load.name, partial(measure, load), partial(rows, load))


THEMES = (theme_of(MANY), theme_of(BATCHED), theme_of(FEW))
