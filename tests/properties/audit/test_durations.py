"""The middle of a class says what any duration in it was, to within a tenth; and so does a percentile."""

from hypothesis import given
from hypothesis.strategies import floats, lists

from services.audit.domain.durations import bounds_ms, duration_class, middle_ms, percentile_ms

MILLISECONDS = floats(1, 1e10)
A_HAIR = 1e-9
"""Bounds are rounded."""


@given(MILLISECONDS)
def test_the_middle_of_a_class_is_within_a_tenth_of_all_in_it(milliseconds: float) -> None:
    number = duration_class(milliseconds)
    first, after = bounds_ms(number)
    assert first * (1 - A_HAIR) <= milliseconds <= after * (1 + A_HAIR)
    assert abs(middle_ms(number) - milliseconds) <= 0.1 * milliseconds


@given(lists(MILLISECONDS, min_size=1, max_size=200), floats(0.01, 1))
def test_a_percentile_is_within_a_tenth_of_one_that_was_measured(durations: list[float], share: float) -> None:
    counts: dict[int, int] = {}
    for one in durations:
        counts[duration_class(one)] = counts.get(duration_class(one), 0) + 1
    reached = next(one for place, one in enumerate(sorted(durations), 1) if place >= share * len(durations))
    found = percentile_ms(counts, share)
    assert found is not None
    assert abs(found - reached) <= 0.1 * reached
