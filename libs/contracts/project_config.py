"""The settings of a project, as entries of category, key and value.

One of them acts: `timeouts.liveness`, how long a worker of the project may be silent before its jobs go to others. What
nothing acts on is refused, because a setting that is kept and changes nothing would be a lie.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import timedelta
from typing import Final, NamedTuple

from libs.contracts.events.catalog import ConfigEntry

TIMEOUTS: Final = "timeouts"
LIVENESS: Final = "liveness"
SHORTEST_LIVENESS: Final = timedelta(seconds=3)
LONGEST_LIVENESS: Final = timedelta(hours=1)

_DURATION = re.compile(r"([1-9][0-9]{0,5})(s|m|h)")
_UNITS: Final = {"s": timedelta(seconds=1), "m": timedelta(minutes=1), "h": timedelta(hours=1)}


class ConfigProblem(NamedTuple):
    """What is wrong with an entry, and in which field: `[0].value`."""

    field: str
    sentence: str


def config_problems(config: Sequence[ConfigEntry]) -> Iterator[ConfigProblem]:
    """Everything that keeps these entries from being the settings of a project."""
    seen: set[tuple[str, str]] = set()
    for index, entry in enumerate(config):
        if entry.category != TIMEOUTS:
            sentence = f"expected {TIMEOUTS}, which is the one category there is, but got {entry.category[:64]!r}"
            yield ConfigProblem(f"[{index}].category", sentence)
        elif entry.key != LIVENESS:
            sentence = f"expected {LIVENESS}, which is the one key this version acts on, but got {entry.key[:64]!r}"
            yield ConfigProblem(f"[{index}].key", sentence)
        elif (entry.category, entry.key) in seen:
            yield ConfigProblem(f"[{index}].key", f"expected {entry.key} once, but it is there again")
        elif _duration(entry.value) is None:
            limits = f"a duration like 90s or 5m, of {SHORTEST_LIVENESS.seconds} s to 1 h"
            yield ConfigProblem(f"[{index}].value", f"expected {limits}, but got {entry.value[:64]!r}")
        seen.add((entry.category, entry.key))


def liveness(config: Sequence[ConfigEntry]) -> timedelta | None:
    """How long a worker may be silent; None where the project does not say."""
    values = [entry.value for entry in config if (entry.category, entry.key) == (TIMEOUTS, LIVENESS)]
    return _duration(values[0]) if values else None


def _duration(text: str) -> timedelta | None:
    match = _DURATION.fullmatch(text)
    if match is None:
        return None
    told = int(match[1]) * _UNITS[match[2]]
    return told if SHORTEST_LIVENESS <= told <= LONGEST_LIVENESS else None
