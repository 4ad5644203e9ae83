"""`python -m tests.benchmarks.keep`: makes the last run of `make bench` what the docs show and the nightly holds to.

Its table goes into the page, its ratios into the baseline. Those beside a peer stay out of the baseline, because the
peer is not there every night.
"""

import sys
from pathlib import Path

import orjson

from tests.benchmarks.compare import BASELINE, LAST, ratios_of, read_rows
from tests.benchmarks.peers import BESIDE

PAGE = Path("docs/concepts/performance.md")
BEGIN, END = "<!-- written by `make bench-keep`: begin -->\n", "<!-- end -->\n"


def main() -> int:
    ratios = {name: ratio for name, ratio in sorted(ratios_of(read_rows(LAST)).items()) if BESIDE not in name}
    rounded = {name: float(f"{ratio:.3g}") for name, ratio in ratios.items()}
    BASELINE.write_bytes(orjson.dumps(rounded, option=orjson.OPT_INDENT_2 | orjson.OPT_APPEND_NEWLINE))
    table = LAST.with_suffix(".md").read_text(encoding="utf-8")
    PAGE.write_text(between_marks(PAGE.read_text(encoding="utf-8"), table), encoding="utf-8")
    print(f"{len(ratios)} ratios are in {BASELINE}, the table is in {PAGE}")
    return 0


def between_marks(page: str, table: str, mark: str = BEGIN) -> str:
    """The page with this table in the place of the one before, behind the mark that it begins with."""
    before, begin, rest = page.partition(mark)
    _, end, after = rest.partition(END)
    if not begin or not end:
        raise ValueError(f"expected {mark.strip()} and {END.strip()} in the page, but one is missing")
    return f"{before}{begin}\n{table}\n{end}{after}"


if __name__ == "__main__":
    sys.exit(main())
