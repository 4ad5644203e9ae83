"""`python -m tests.benchmarks.dashboard`: fills an installation, looks at its pages, and says what that took."""

import argparse
import asyncio
import logging
import os
import platform
import sys
from collections.abc import Sequence
from dataclasses import fields
from datetime import UTC, datetime
from pathlib import Path

import structlog
import uvloop
from rich.console import Console

from tests.benchmarks.dashboard import filling
from tests.benchmarks.dashboard.looks import looks
from tests.benchmarks.dashboard.measuring import Watcher
from tests.benchmarks.dashboard.report import PageRow, page_rows, show, write
from tests.benchmarks.dashboard.sizes import Sizes
from tests.benchmarks.keep import PAGE, between_marks
from tests.benchmarks.stage import Stage, on_stage
from tests.e2e.visitor import visiting

OUT = Path("var/bench-dashboard.json")
BEGIN = "<!-- written by `make bench-dashboard ARGS=--keep`: begin -->\n"
MOST_FILLING_SECONDS = 1_800
MOST_LOOKING_SECONDS = 900
"""Whatever hangs, hangs no longer."""

console = Console(stderr=True, soft_wrap=True)


async def bench(sizes: Sizes) -> None:
    before = os.getloadavg()[0]
    async with on_stage(console.print) as stage:
        now = datetime.now(UTC)
        url = (await stage.stack.servers.provision_services())["audit"]
        async with asyncio.timeout(MOST_FILLING_SECONDS):
            await fill(stage, url, sizes, now)
        async with asyncio.timeout(MOST_LOOKING_SECONDS):
            rows = await look(stage, url, sizes, now)
        head = headline(sizes, (before, os.getloadavg()[0]), now)
    write(rows, head, OUT)
    show(rows, head)
    console.print(f"written to {OUT} and {OUT.with_suffix('.md')}")


async def fill(stage: Stage, url: str, sizes: Sizes, now: datetime) -> None:
    """Everything that there is to look at."""
    console.print(f"filling: {sizes.sentence}")
    await filling.register_actions(stage, sizes.actions, console.print)
    project = stage.stack.project
    await filling.tell_stories(url, project, sizes, now, console.print)
    async with filling.audit_connection(url) as connection:
        await filling.lay(connection, project, sizes, now, console.print)


async def look(stage: Stage, url: str, sizes: Sizes, now: datetime) -> list[PageRow]:
    """Signs in, and looks."""
    console.print("looking")
    project = stage.stack.project
    async with visiting(stage.installation.audit) as visitor, filling.audit_connection(url) as connection:
        await visitor.sign_in(stage.stack.api_key)
        wanted = await looks(connection, project, sizes, now)
        found = await Watcher(visitor, connection, project).measure(wanted, sizes.requests, console.print)
        return page_rows(wanted, found)


def headline(sizes: Sizes, loads: tuple[float, float], now: datetime) -> str:
    """`loads`: of the machine before anything, and at the end of the looks, of which one is our own."""
    before, after = loads
    machine = f"{os.cpu_count()} cores (load before: {before:.1f}, at the end: {after:.1f})"
    return f"Measured on {now:%Y-%m-%d} on {machine}, Python {platform.python_version()}: {sizes.sentence}."


def keep() -> None:
    """Makes the last run the one that the docs show."""
    table = OUT.with_suffix(".md").read_text(encoding="utf-8")
    PAGE.write_text(between_marks(PAGE.read_text(encoding="utf-8"), table, BEGIN), encoding="utf-8")
    console.print(f"the table is in {PAGE}")


def options_of(arguments: Sequence[str] | None = None) -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make bench-dashboard", description=__doc__)
    parser.add_argument("--keep", action="store_true", help="measure nothing: put the last run's table into the docs")
    for one in fields(Sizes):
        parser.add_argument(f"--{one.name}", type=int, default=one.default, help=f"(default {one.default:,})")
    return parser.parse_args(arguments)


def main() -> int:
    options = options_of()
    if options.keep:
        keep()
        return 0
    structlog.configure(wrapper_class=structlog.make_filtering_bound_logger(logging.ERROR))
    uvloop.run(bench(Sizes(**{one.name: getattr(options, one.name) for one in fields(Sizes)})))
    return 0


if __name__ == "__main__":
    sys.exit(main())
