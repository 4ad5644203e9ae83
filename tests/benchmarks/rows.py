"""What a benchmark yields: rows with a median over interleaved rounds, beside the raw limit and the target."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from libs.contracts.codec import dump_json


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is median / raw. `target` is None where none is set yet."""

    name: str
    unit: str
    median: float
    min: float
    max: float
    raw: float | None = None
    ratio: float | None = None
    target: float | None = None
    higher_is_better: bool = True


def row(
    name: str,
    unit: str,
    values: Sequence[float],
    *,
    raw: Sequence[float] = (),
    higher_is_better: bool = True,
    target: float | None = None,
) -> Row:
    """Sums up one measurement of several rounds, and its raw limit of the same rounds."""
    middle = median(values)
    limit = median(raw) if raw else None
    ratio = middle / limit if limit else None
    return Row(name, unit, middle, min(values), max(values), limit, ratio, target, higher_is_better)


def write(rows: Sequence[Row], path: Path) -> None:
    """The rows as JSON, for comparisons over time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dump_json([asdict(item) for item in rows]) + b"\n")


def show(rows: Sequence[Row]) -> None:
    """The rows as a table for people."""
    table = Table(title="Mobius beside its raw limits")
    for heading in ("", "unit", "median", "min", "max", "raw", "ratio"):
        table.add_column(heading, justify="left" if heading in ("", "unit") else "right")
    for item in rows:
        table.add_row(
            item.name,
            item.unit,
            _number(item.median),
            _number(item.min),
            _number(item.max),
            _number(item.raw),
            _number(item.ratio),
        )
    Console(width=140).print(table)


def _number(value: float | None) -> str:
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
