"""The rows as tables: for the terminal, and as Markdown for the pages."""

from collections.abc import Sequence

from rich.console import Console
from rich.table import Table

from tests.benchmarks.rows import Row, shortened

HEADINGS = ("", "unit", "median", "min", "max", "raw", "ratio", "target", "")
VERDICTS = {None: "", True: "met", False: "missed"}
COLOURS = {None: "", True: "green", False: "red"}


def show(rows: Sequence[Row]) -> None:
    """For people, on the terminal."""
    table = Table(title="Mobius beside its raw limits")
    for place, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if place < 2 else "right")
    for item in rows:
        table.add_row(*_cells(item), style=COLOURS[item.met])
    Console(width=160).print(table)


def markdown(rows: Sequence[Row]) -> str:
    """For a page."""
    return markdown_of(HEADINGS, 2, [_cells(item) for item in rows])


def markdown_of(headings: Sequence[str], words: int, cells: Sequence[Sequence[str]]) -> str:
    """A table whose first columns, `words` of them, are words; the others are numbers, to the right."""
    rule = ["---" if place < words else "---:" for place in range(len(headings))]
    return "".join(f"| {' | '.join(line)} |\n" for line in [headings, rule, *cells])


def _cells(item: Row) -> tuple[str, ...]:
    numbers = (item.median, item.min, item.max, item.raw, item.ratio)
    return (item.name, item.unit, *(shortened(number) for number in numbers), item.wanted, VERDICTS[item.met])
