"""Durations, counts and round places on an axis of time."""

from datetime import timedelta
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from services.audit.dashboard.charts.durations import count_text, duration_text
from services.audit.dashboard.charts.ticks import MOST_TICKS, tick_text, ticks


@pytest.mark.parametrize(
    ("duration", "text"),
    [
        (timedelta(0), "0 ms"),
        (timedelta(seconds=-3), "0 ms"),
        (timedelta(microseconds=42), "0.042 ms"),
        (timedelta(microseconds=1_250), "1.25 ms"),
        (timedelta(milliseconds=950), "950 ms"),
        (timedelta(microseconds=999_600), "1 s"),
        (timedelta(milliseconds=1_234), "1.2 s"),
        (timedelta(milliseconds=9_960), "10 s"),
        (timedelta(seconds=42), "42 s"),
        (timedelta(seconds=59.7), "1 min"),
        (timedelta(minutes=3, seconds=20), "3 min 20 s"),
        (timedelta(hours=1, minutes=59, seconds=59), "2 h"),
        (timedelta(hours=5, seconds=20), "5 h"),
        (timedelta(days=2, hours=4, minutes=10), "2 d 4 h"),
        (timedelta(days=1_204), "1,204 d"),
    ],
)
def test_a_duration_is_told_in_two_units_at_most(duration: timedelta, text: str) -> None:
    assert duration_text(duration) == text


def test_a_count_has_its_thousands_apart() -> None:
    assert [count_text(0), count_text(1_204), count_text(5_000_000)] == ["0", "1,204", "5,000,000"]


@pytest.mark.parametrize(
    ("span", "texts"),
    [
        (timedelta(milliseconds=1), ["0", "0.2 ms", "0.4 ms", "0.6 ms", "0.8 ms", "1 ms"]),
        (timedelta(milliseconds=260), ["0", "50 ms", "100 ms", "150 ms", "200 ms", "250 ms"]),
        (timedelta(seconds=9), ["0", "2 s", "4 s", "6 s", "8 s"]),
        (timedelta(minutes=14, seconds=33), ["0", "5 min", "10 min"]),
        (timedelta(hours=20), ["0", "6 h", "12 h", "18 h"]),
        (timedelta(days=10), ["0", "2 d", "4 d", "6 d", "8 d", "10 d"]),
    ],
)
def test_ticks_are_at_round_places(span: timedelta, texts: list[str]) -> None:
    assert [tick_text(tick) for tick in ticks(span)] == texts


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)))
def test_ticks_are_few_and_within_the_span(span: timedelta) -> None:
    found = ticks(span)
    assert 1 <= len(found) <= MOST_TICKS + 1
    assert found[0] == timedelta(0)
    assert found[-1] <= span
    assert len({later - earlier for earlier, later in pairwise(found)}) <= 1


@given(st.timedeltas(timedelta(0), timedelta(days=40_000)))
def test_every_duration_is_short_and_has_a_unit(duration: timedelta) -> None:
    parts = duration_text(duration).split()
    assert len(parts) in (2, 4)
    assert set(parts[1::2]) <= {"ms", "s", "min", "h", "d"}
