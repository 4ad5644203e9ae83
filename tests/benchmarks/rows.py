"""What a benchmark yields: rows with a median over interleaved rounds, beside the raw limit and the target."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from functools import partial
from pathlib import Path
from statistics import median

from libs.contracts.codec import dump_json


@dataclass(frozen=True, slots=True)
class Row:
    """`ratio` is median / raw. `target` bounds the median, `ratio_target` the ratio; None: it does not."""

    name: str
    unit: str
    median: float
    min: float
    max: float
    raw: float | None = None
    ratio: float | None = None
    target: float | None = None
    ratio_target: float | None = None
    higher_is_better: bool = True

    @property
    def met(self) -> bool | None:
        """None where there is no target."""
        bounds = [(self.median, self.target), (self.ratio, self.ratio_target)]
        set_bounds = [(value, bound) for value, bound in bounds if value is not None and bound is not None]
        if not set_bounds:
            return None
        return all(value >= bound if self.higher_is_better else value <= bound for value, bound in set_bounds)

    @property
    def wanted(self) -> str:
        """The target in a few characters."""
        sign = "≥" if self.higher_is_better else "≤"
        bounds = [(self.target, ""), (self.ratio_target, " ×")]
        return ", ".join(f"{sign} {shortened(bound)}{unit}" for bound, unit in bounds if bound is not None)


def row(
    name: str,
    unit: str,
    values: Sequence[float],
    *,
    raw: Sequence[float] = (),
    higher_is_better: bool = True,
    target: float | None = None,
    ratio_target: float | None = None,
) -> Row:
    """Sums up one measurement of several rounds, and its raw limit of the same rounds."""
    middle = median(values)
    limit = median(raw) if raw else None
    ratio = middle / limit if limit else None
    return Row(name, unit, middle, min(values), max(values), limit, ratio, target, ratio_target, higher_is_better)


cost = partial(row, higher_is_better=False)
"""A row of which less is better."""


def write(rows: Sequence[Row], path: Path) -> None:
    """The rows as JSON, for comparisons over time."""
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_bytes(dump_json([asdict(item) | {"met": item.met} for item in rows]) + b"\n")


def shortened(value: float | None) -> str:
    """Three digits that count; nothing for None."""
    if value is None:
        return ""
    return f"{value:,.0f}" if abs(value) >= 1_000 else f"{value:.3g}"
