"""Shows a board live: bars that are redrawn on a terminal, a line now and then everywhere else."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

from rich.console import Console, Group, RenderableType
from rich.live import Live
from rich.progress_bar import ProgressBar
from rich.table import Table
from rich.text import Text

from demo.board import Board

FRAMES_PER_SECOND = 10
SECONDS_BETWEEN_LINES = 1.0
BAR_WIDTH = 40


@asynccontextmanager
async def shown(board: Board, console: Console) -> AsyncIterator[None]:
    """Shows the board for as long as the block lasts, and its final state at the end."""
    if console.is_terminal:
        with Live(get_renderable=lambda: draw(board), console=console, refresh_per_second=FRAMES_PER_SECOND):
            yield
        return
    printer = asyncio.create_task(_print_lines(board, console))
    try:
        yield
    finally:
        printer.cancel()
        console.print(board.line())


def draw(board: Board) -> RenderableType:
    """Two bars and a row of counters."""
    bars = Table.grid(padding=(0, 2))
    for name, done, total in (("documents", board.done, board.documents), ("steps", board.steps_done, board.steps)):
        bars.add_row(name, ProgressBar(total=total, completed=done, width=BAR_WIDTH), f"{done}/{total}")
    counters = Text.assemble(
        ("jobs waiting ", "dim"),
        f"{board.jobs_waiting:<4}",
        (" deliveries ", "dim"),
        f"{board.deliveries:<4}",
        (" Slack messages ", "dim"),
        f"{board.messages:<4}",
        (f" failed {board.failed}" if board.failed else "", "bold red"),
        (f"  {board.note}", "yellow"),
    )
    return Group(bars, counters)


async def _print_lines(board: Board, console: Console) -> None:
    said = ""
    while True:
        if (line := board.line()) != said:
            console.print(line)
            said = line
        await asyncio.sleep(SECONDS_BETWEEN_LINES)
