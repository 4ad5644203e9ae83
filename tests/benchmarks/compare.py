"""`python -m tests.benchmarks.compare`: which figures have fallen against the baseline that is checked in.

Only ratios are compared: both sides of one were measured in the same minutes, so another machine, or a slower day of
this one, moves them little.
"""

import sys
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path

from libs.contracts.codec import parse_json

BASELINE = Path("docs/reference/bench.json")
LAST = Path("var/bench.json")
MOST_LOST = 0.2
"""Part of a ratio that may be lost before it is called a fall."""


def ratios_of(rows: Sequence[Mapping[str, object]]) -> dict[str, float]:
    """By row, larger is better: the ratio of a cost is turned over. Rows without a raw limit have none."""
    found: dict[str, float] = {}
    for row in rows:
        ratio, name = row["ratio"], row["name"]
        if isinstance(ratio, float) and isinstance(name, str) and ratio > 0:
            found[name] = ratio if row["higher_is_better"] else 1 / ratio
    return found


def falls(baseline: Mapping[str, float], now: Mapping[str, float]) -> Iterator[str]:
    """A sentence for each figure that lost too much, or that is measured no longer."""
    for name, before in baseline.items():
        if name not in now:
            yield f"{name}: expected a ratio, but it was not measured"
        elif now[name] < before * (1 - MOST_LOST):
            lost = 1 - now[name] / before
            yield f"{name}: expected {before:.3g} of its raw limit, but it is {now[name]:.3g}, {lost:.0%} less"


def main() -> int:
    now = ratios_of(read_rows(LAST))
    fallen = list(falls(_baseline(), now))
    print("\n".join(fallen) or f"none of {len(now)} ratios has fallen by more than {MOST_LOST:.0%}")
    return 1 if fallen else 0


def read_rows(path: Path) -> Sequence[Mapping[str, object]]:
    """The rows of a run, as `make bench` wrote them."""
    rows = parse_json(path.read_bytes())
    if not isinstance(rows, list):
        raise ValueError(f"expected rows in {path}, but it holds something else")
    return [row for row in rows if isinstance(row, dict)]


def _baseline() -> Mapping[str, float]:
    kept = parse_json(BASELINE.read_bytes())
    if not isinstance(kept, dict):
        raise ValueError(f"expected ratios by name in {BASELINE}, but it holds something else")
    return {name: float(ratio) for name, ratio in kept.items() if isinstance(ratio, int | float)}


if __name__ == "__main__":
    sys.exit(main())
