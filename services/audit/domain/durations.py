"""Durations in classes: quarters of an octave, so that few counters tell every percentile to within a tenth.

Class 0 is everything below 2^(1/4) ms, and each class ends at 2^(1/4) times its beginning. Counted in the database, by
the function `duration_class` of the migrations; read here.
"""

from collections.abc import Mapping
from math import floor, log2, prod, sqrt
from typing import Final

CLASSES_PER_OCTAVE: Final = 4
SHORTEST_MS: Final = 1.0
"""What is shorter counts as this long."""


def duration_class(milliseconds: float) -> int:
    """The class of a duration."""
    return floor(CLASSES_PER_OCTAVE * log2(max(milliseconds, SHORTEST_MS)))


def bounds_ms(number: int) -> tuple[float, float]:
    """Where a class begins, and where the next one does (milliseconds)."""
    return 2.0 ** (number / CLASSES_PER_OCTAVE), 2.0 ** ((number + 1) / CLASSES_PER_OCTAVE)


def middle_ms(number: int) -> float:
    """What is as many times the beginning of a class as its end is of it (milliseconds)."""
    return sqrt(prod(bounds_ms(number)))


def percentile_ms(counts: Mapping[int, int], share: float) -> float | None:
    """The duration that `share` of all (0 to 1) do not exceed, to within a tenth (milliseconds). `counts`: how many
    there are of each class. None where there are none."""
    wanted, seen, found = share * sum(counts.values()), 0, None
    for number in sorted(counts):
        seen += counts[number]
        if counts[number]:
            found = middle_ms(number)
        if found is not None and seen >= wanted:
            break
    return found
