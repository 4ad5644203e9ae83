"""Queries that say only what is asked for, so that each has the plan that fits it."""

from collections.abc import Mapping, Sequence
from functools import cache

from libs.chassis.db.link import Row
from libs.chassis.db.reads import Reads

PLACE = "/* and */"
"""Where a query takes further conditions."""


async def rows_where(
    reads: Reads, query: str, given: Sequence[object], wanted: Mapping[str, Sequence[object]]
) -> Sequence[Row]:
    """The rows of a query that reads. `given` are its own parameters. Each wanted condition has a `?` for each of its
    values, and is left out where one of these is None."""
    used = {condition: values for condition, values in wanted.items() if None not in values}
    text = _narrowed(query, len(given) + 1, tuple(used))
    return await reads.rows(text, *given, *(value for values in used.values() for value in values))


@cache
def _narrowed(query: str, first: int, conditions: tuple[str, ...]) -> str:
    text, number = "".join(f" AND {condition}" for condition in conditions), first
    while "?" in text:
        text, number = text.replace("?", f"${number}", 1), number + 1
    return query.replace(PLACE, text)
