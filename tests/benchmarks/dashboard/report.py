"""What the looks took, as rows: for the terminal, for the page, and as JSON."""

from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from statistics import median

from rich.console import Console
from rich.table import Table

from libs.contracts.codec import dump_json
from tests.benchmarks.dashboard.looks import Look
from tests.benchmarks.dashboard.measuring import Taken
from tests.benchmarks.rows import shortened
from tests.benchmarks.tables import COLOURS, VERDICTS, markdown_of

HEADINGS = ("ms", "p50", "p95", "p99", "KB", "raw p50", "ratio", "target (p50)", "")


@dataclass(frozen=True, slots=True)
class PageRow:
    """Milliseconds, and kilobytes of the page. `raw`: p50 of its query; `ratio`: p50 / raw."""

    name: str
    p50: float
    p95: float
    p99: float
    kilobytes: float
    raw: float
    ratio: float
    target: float | None

    @property
    def met(self) -> bool | None:
        """None where there is no target."""
        return None if self.target is None else self.p50 <= self.target

    @property
    def cells(self) -> tuple[str, ...]:
        numbers = (self.p50, self.p95, self.p99, self.kilobytes, self.raw, self.ratio)
        wanted = "" if self.target is None else f"≤ {shortened(self.target)}"
        return (self.name, *map(shortened, numbers), wanted, VERDICTS[self.met])


def page_rows(looks: Sequence[Look], found: Mapping[str, Taken]) -> list[PageRow]:
    """A row for each page, in the order in which they were looked at."""
    return [page_row(look.title, look.target, found[look.title]) for look in looks]


def page_row(title: str, target: float | None, taken: Taken) -> PageRow:
    p50, raw = median(taken.page), median(taken.raw)
    p95, p99 = percentile(taken.page, 0.95), percentile(taken.page, 0.99)
    return PageRow(title, p50, p95, p99, taken.size / 1_000, raw, p50 / raw, target)


def percentile(values: Sequence[float], share: float) -> float:
    """What `share` of the values do not exceed."""
    ordered = sorted(values)
    return ordered[min(len(ordered) - 1, int(len(ordered) * share))]


def write(rows: Sequence[PageRow], head: str, out: Path) -> None:
    """As JSON, and as Markdown beside it."""
    out.parent.mkdir(parents=True, exist_ok=True)
    out.write_bytes(dump_json([asdict(row) | {"met": row.met} for row in rows]) + b"\n")
    table = markdown_of(HEADINGS, 1, [row.cells for row in rows])
    out.with_suffix(".md").write_text(f"{head}\n\n{table}", encoding="utf-8")


def show(rows: Sequence[PageRow], head: str) -> None:
    """For people, on the terminal."""
    table = Table(title="Pages of the dashboard, each beside one raw query", caption=head)
    for place, heading in enumerate(HEADINGS):
        table.add_column(heading, justify="left" if place == 0 else "right")
    for row in rows:
        table.add_row(*row.cells, style=COLOURS[row.met])
    Console(width=150).print(table)
