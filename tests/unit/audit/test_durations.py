"""Which class a duration is of, and what is read from the counts of classes."""

import pytest

from services.audit.domain.durations import bounds_ms, duration_class, middle_ms, percentile_ms


@pytest.mark.parametrize(("milliseconds", "number"), [(0, 0), (1, 0), (1.18, 0), (1.2, 1), (2, 4), (1024, 40)])
def test_a_class_is_a_quarter_of_an_octave(milliseconds: float, number: int) -> None:
    assert duration_class(milliseconds) == number


def test_four_classes_double_a_duration() -> None:
    assert bounds_ms(40)[0] == 1024
    assert bounds_ms(43)[1] == 2048


def test_percentiles_are_read_from_counts() -> None:
    counts = {0: 98, 40: 1, 44: 1}
    assert percentile_ms(counts, 0.5) == middle_ms(0)
    assert percentile_ms(counts, 0.98) == middle_ms(0)
    assert percentile_ms(counts, 0.99) == middle_ms(40)
    assert percentile_ms(counts, 1.0) == middle_ms(44)


def test_where_nothing_was_counted_there_is_no_percentile() -> None:
    assert percentile_ms({}, 0.5) is None
    assert percentile_ms({3: 0}, 0.5) is None
