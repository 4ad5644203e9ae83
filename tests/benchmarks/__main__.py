"""`python -m tests.benchmarks`: measures in interleaved rounds, writes `var/bench.json` and `.md`, prints a table."""

import argparse
import asyncio
import logging
import os
import platform
from collections import defaultdict
from collections.abc import Sequence
from pathlib import Path
from time import perf_counter

import structlog
import uvloop
from rich.console import Console

from tests.benchmarks import (
    alone,
    audit,
    claims,
    idle,
    long_runs,
    parked,
    queue,
    relay,
    transitions,
    workflows,
)
from tests.benchmarks.limits import LIMITS
from tests.benchmarks.peers import npm, restate
from tests.benchmarks.rows import Row, row, write
from tests.benchmarks.stage import Stage, on_stage
from tests.benchmarks.tables import markdown, show
from tests.benchmarks.theme import Round, Samples, Theme

MOST_SECONDS = 300
"""For one theme in one round: whatever hangs, hangs no longer."""

OUT = Path("var/bench.json")
THEMES = {
    theme.name: theme
    for theme in (
        idle.THEME,
        *workflows.THEMES,
        alone.THEME,
        claims.THEME,
        parked.THEME,
        transitions.THEME,
        long_runs.THEME,
        relay.THEME,
        audit.THEME,
        queue.THEME,
    )
}
PEERS = {restate.THEME.name: restate.THEME}

console = Console(stderr=True, soft_wrap=True)


async def main(options: argparse.Namespace) -> None:
    themes = [THEMES[name] for name in options.only or THEMES] + peers_of(options.peer)
    samples: dict[str, list[float]] = defaultdict(list)
    load = os.getloadavg()[0]
    async with on_stage(console.print) as stage:
        for number in range(1, options.rounds + 1):
            console.print(f"round {number} of {options.rounds}")
            due = [theme for theme in themes if number == 1 or not theme.once]
            await one_round(stage, due, options.scale, samples)
    report(summed_up(themes, samples), options.rounds, load)


def peers_of(name: str | None) -> list[Theme]:
    """The peer that was asked for; none where it cannot be brought."""
    if name is None:
        return []
    missing = npm.missing_programs()
    if missing:
        console.print(f"{name} is left out: expected {' and '.join(missing)} on PATH, but there is none")
        return []
    return [PEERS[name]]


async def one_round(stage: Stage, themes: Sequence[Theme], scale: float, samples: dict[str, list[float]]) -> None:
    """Every theme once, raw limits beside what they limit."""
    round_ = Round(stage, scale, console.print)
    for theme in themes:
        began = perf_counter()
        async with asyncio.timeout(MOST_SECONDS):
            measured = await theme.measure(round_)
        for name, value in measured.items():
            samples[name].append(value)
        console.print(f"  [dim]{theme.name}: {perf_counter() - began:.0f} s[/dim]")
    for name, value in round_.limits.items():
        samples[name].append(value)


def summed_up(themes: Sequence[Theme], samples: Samples) -> list[Row]:
    """The rows of the report: of each theme, then the raw limits."""
    measured = [one for theme in themes for one in theme.rows(samples)]
    limits = [
        row(limit.title, limit.unit, samples[name], higher_is_better=limit.higher_is_better)
        for name, limit in LIMITS.items()
        if name in samples
    ]
    return [*measured, *limits]


def report(rows: Sequence[Row], rounds: int, load: float) -> None:
    """`load`: of the machine before the first round. Where it was not idle, the figures are those of another one."""
    write(rows, OUT)
    where = f"{os.cpu_count()} cores (load before: {load:.1f}), Python {platform.python_version()}"
    head = f"Measured on {where}; medians of {rounds} rounds."
    OUT.with_suffix(".md").write_text(f"{head}\n\n{markdown(rows)}", encoding="utf-8")
    show(rows)
    console.print(f"written to {OUT} and {OUT.with_suffix('.md')}")


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=3, help="interleaved rounds (default 3)")
    parser.add_argument("--scale", type=float, default=1.0, help="size of each measurement (default 1)")
    parser.add_argument("--only", nargs="+", choices=list(THEMES), metavar="NAME", help=f"of {', '.join(THEMES)}")
    parser.add_argument("--peer", choices=list(PEERS), help="measured beside us, in the same rounds")
    return parser.parse_args(arguments)


if __name__ == "__main__":
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))  # parts that run in here
    uvloop.run(main(options_of()))
