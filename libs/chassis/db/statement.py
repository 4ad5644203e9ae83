"""Composes one statement out of parts, so that a whole batch commits in one round trip.

Each part is a query with its own `$1…` parameters and becomes a data-modifying CTE. A part with `expect` must touch
exactly that many rows, or the whole statement is rolled back with `Conflict`: that is the compare-and-set on positions.
Parts of one statement see the same snapshot: no part sees another's rows, and no row may be touched by two parts.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache

from libs.chassis.db.link import Link

_PARAMETER = re.compile(r"\$(\d+)")


@dataclass(frozen=True, slots=True)
class Part:
    """A named piece of a statement. With `expect`, `sql` has to end in a RETURNING clause."""

    name: str
    sql: str
    args: tuple[object, ...]
    expect: int | None = None


async def run(link: Link, parts: Sequence[Part]) -> None:
    """Runs all parts as one statement, or nothing of them. Raises `Conflict` where an expectation is not met."""
    shape = tuple((part.name, part.sql, len(part.args), part.expect is not None) for part in parts)
    args = [arg for part in parts for arg in part.args]
    expected = [part.expect for part in parts if part.expect is not None]
    await link.rows(_compose(shape), *args, *expected)


@lru_cache(maxsize=256)
def _compose(shape: tuple[tuple[str, str, int, bool], ...]) -> str:
    ctes: list[str] = []
    checks: list[str] = []
    offset = 0
    total = sum(count for _, _, count, _ in shape)
    for name, sql, count, checked in shape:
        ctes.append(f"{name} AS (\n{_shifted(sql, offset)}\n)")
        offset += count
        if checked:
            counted = f"(SELECT count(*) FROM {name})"  # noqa: S608  names and parts come from our own code
            checks.append(f"expect_rows('{name}', ${total + len(checks) + 1}::bigint, {counted})")
    return f"WITH {', '.join(ctes)}\nSELECT {', '.join(checks) or '1'}"


def _shifted(sql: str, offset: int) -> str:
    return _PARAMETER.sub(lambda match: f"${int(match[1]) + offset}", sql)
