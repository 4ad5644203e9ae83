"""Queries that say only what is asked for, so that each has the plan that fits it."""

from collections.abc import Mapping, Sequence
from functools import cache

PLACE = "/* and */"
"""Where a query takes further conditions."""


def narrowed(query: str, first: int, wanted: Mapping[str, Sequence[object]]) -> tuple[str, list[object]]:
    """The query with those conditions none of whose values is None, and their values. A condition has `?` for each of
    them; their parameters are numbered from `first`."""
    used = {text: values for text, values in wanted.items() if None not in values}
    return _query(query, first, tuple(used)), [value for values in used.values() for value in values]


@cache
def _query(query: str, first: int, conditions: tuple[str, ...]) -> str:
    text, number = "".join(f" AND {condition}" for condition in conditions), first
    while "?" in text:
        text, number = text.replace("?", f"${number}", 1), number + 1
    return query.replace(PLACE, text)
