"""`python -m tests.benchmarks.profile`: samples every process of ours under load, into `var/profile`."""

import argparse
import asyncio
import sys
from collections.abc import Mapping
from functools import partial
from pathlib import Path
from time import perf_counter

import uvloop

from libs.contracts.topics import SERVICES
from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.load import lasting, run_many, to_its_end
from tests.benchmarks.profile.flame import read_frames, shares
from tests.benchmarks.profile.sampler import NoSampler, record
from tests.benchmarks.profile.tables import summary, table_of
from tests.benchmarks.stage import Stage, on_stage
from tests.benchmarks.workflows import Load, working

OUT = Path("var/profile")
WARM_UP_SECONDS = 3.0
SPARE_SECONDS = 2.0
"""The load goes on for longer than the samplers, so that none of them sees the end of it."""


def tell(sentence: str) -> None:
    print(sentence, file=sys.stderr, flush=True)


async def profile(options: argparse.Namespace) -> None:
    load = Load("profile", "profiled", options.concurrency, 0, options.workers, options.batch)
    async with on_stage(tell) as stage, working(stage, load) as workers:
        await run_many(partial(to_its_end, stage.installation), load.concurrency, lasting(WARM_UP_SECONDS))
        pids = {name: stage.stack.pid(name) for name in SERVICES} | {"workers": workers.pid}
        await sampled(stage, options, pids)


async def sampled(stage: Stage, options: argparse.Namespace, pids: Mapping[str, int]) -> None:
    """Runs the load and the samplers beside each other, then writes what they saw."""
    meter, began = CpuMeter({**stage.stack.pids(), **pids}), perf_counter()
    turns = lasting(options.seconds + SPARE_SECONDS)
    load = asyncio.create_task(run_many(partial(to_its_end, stage.installation), options.concurrency, turns))
    recordings = (
        record(pid, options.seconds, OUT / f"{name}.svg", native=options.native) for name, pid in pids.items()
    )
    await asyncio.gather(*recordings)
    timing = await load
    spent, elapsed = meter.spent(), perf_counter() - began
    for name in pids:
        table = table_of(name, shares(read_frames(OUT / f"{name}.svg")), spent[name] / elapsed)
        (OUT / f"{name}.txt").write_text(table, encoding="utf-8")
    overview = summary(timing.per_second, spent, len(timing.taken))
    (OUT / "summary.txt").write_text(overview, encoding="utf-8")
    tell(overview)


def main() -> int:
    parser = argparse.ArgumentParser(prog="make profile", description=__doc__)
    parser.add_argument("--concurrency", type=int, default=128, help="runs at once (default 128)")
    parser.add_argument("--workers", type=int, default=64, help="workers that claim (default 64)")
    parser.add_argument("--batch", type=int, default=1, help="jobs that each claims at a time (default 1)")
    parser.add_argument("--seconds", type=int, default=15, help="how long to sample (default 15)")
    parser.add_argument("--native", action="store_true", help="follow stacks into C")
    OUT.mkdir(parents=True, exist_ok=True)
    try:
        uvloop.run(profile(parser.parse_args()))
    except NoSampler as error:
        tell(str(error))
        return 1
    tell(f"flame graphs and tables are in {OUT}")
    return 0


if __name__ == "__main__":
    sys.exit(main())
