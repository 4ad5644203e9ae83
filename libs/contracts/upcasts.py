"""Lifts the data of an old event version to the next one. Old versions are never edited: v2 comes beside v1.

`UPCASTS[("run.started", 1)]` turns version 1's data into version 2's.
"""

from collections.abc import Callable, Mapping

Upcast = Callable[[dict[str, object]], dict[str, object]]

UPCASTS: Mapping[tuple[str, int], Upcast] = {}
