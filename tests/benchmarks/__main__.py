"""`python -m tests.benchmarks`: measures in interleaved rounds, writes `var/bench.json`, prints a table."""

import argparse
from collections import defaultdict
from pathlib import Path

import uvloop
from rich.console import Console

from deploy.local.stack import LocalStack
from tests.benchmarks import raw
from tests.benchmarks.claims import pairs_per_second
from tests.benchmarks.load import Installation
from tests.benchmarks.rows import Row, row, show, write
from tests.benchmarks.stage import on_stage
from tests.benchmarks.workflows import RUNS, round_of

Samples = dict[str, list[float]]
OUT = Path("var/bench.json")
PAIRS = 3_000

console = Console(stderr=True)


async def main(rounds: int, scale: float) -> None:
    samples: Samples = defaultdict(list)
    async with on_stage(console.print) as stage:
        for number in range(1, rounds + 1):
            console.print(f"round {number} of {rounds}")
            await measure(stage.stack, stage.installation, samples, scale)
    rows = summed_up(samples)
    write(rows, OUT)
    show(rows)
    console.print(f"written to {OUT}")


async def measure(stack: LocalStack, installation: Installation, samples: Samples, scale: float) -> None:
    """One round of everything, raw limits beside what they limit."""
    samples["raw posts"].append(await raw.http_posts(3 * scale))
    samples["raw post alone"].append(await raw.http_round_trip())
    samples["raw commits"].append(await raw.commits(stack.postgres_url, 2 * scale))
    samples["raw produce"].append(await raw.produce(stack.servers, 2 * scale))
    samples["raw produce alone"].append(await raw.produce_alone(stack.servers))
    for concurrency in RUNS:
        measured = await round_of(stack, installation, concurrency, scale)
        for name, value in measured.items():
            samples[f"c={concurrency} {name}"].append(value)
        console.print(
            f"  c={concurrency}: {measured['rate']:.0f} workflows/s, p50 {measured['p50']:.1f} ms,"
            f" p99 {measured['p99']:.1f} ms, CPU {measured['cpu']:.2f} ms per step"
        )
    samples["pairs"].append(await pairs_per_second(installation, int(PAIRS * scale)))
    console.print(f"  claim+complete: {samples['pairs'][-1]:.0f} pairs/s")


def summed_up(samples: Samples) -> list[Row]:
    """The rows of the report."""
    half = [value / 2 for value in samples["raw posts"]]
    rows = [
        row("raw aiohttp POSTs, 64 clients", "1/s", samples["raw posts"]),
        row("raw commits, one connection", "1/s", samples["raw commits"]),
        row("raw produce, batches of 500", "records/s", samples["raw produce"]),
        row("raw produce, alone", "ms", samples["raw produce alone"], higher_is_better=False),
        row("claim+complete, n=1, 64 clients (raw: pairs of POSTs)", "pairs/s", samples["pairs"], raw=half),
    ]
    for concurrency in RUNS:
        rows += workflow_rows(samples, concurrency)
    return rows


def workflow_rows(samples: Samples, concurrency: int) -> list[Row]:
    """A workflow makes seven requests of its own (a start, three claims, three reports): the raw limit of its rate."""
    at = f"c={concurrency}"
    requests = [value / 7 for value in samples["raw posts"]]
    rows = [
        row(f"3-step workflows, {at} (raw: 7 POSTs)", "1/s", samples[f"{at} rate"], raw=requests),
        row(f"3-step workflow p50, {at}", "ms", samples[f"{at} p50"], higher_is_better=False),
        row(f"3-step workflow p99, {at}", "ms", samples[f"{at} p99"], higher_is_better=False),
        row(f"CPU per step, {at}, all processes", "ms", samples[f"{at} cpu"], higher_is_better=False),
    ]
    by_process = sorted(name for name in samples if name.startswith(f"{at} cpu:"))
    return rows + [
        row(f"CPU per step, {at}, {name.split(':')[1]}", "ms", samples[name], higher_is_better=False)
        for name in by_process
    ]


if __name__ == "__main__":
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default 3)")
    parser.add_argument("--scale", type=float, default=1.0, help="size of each measurement (default 1)")
    options = parser.parse_args()
    uvloop.run(main(options.rounds, options.scale))
