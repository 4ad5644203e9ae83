"""Moments go out with Z and come back as they were."""

from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.chassis.clock import SystemClock, format_time, parse_time
from tests.doubles.clock import NOON, FakeClock

MOMENTS = st.datetimes(datetime(1970, 1, 1), datetime(9000, 1, 1), timezones=st.just(UTC))  # noqa: DTZ001


@given(MOMENTS)
def test_a_moment_comes_back_as_it_was(moment: datetime) -> None:
    assert parse_time(format_time(moment)) == moment


def test_another_offset_is_read_as_utc() -> None:
    assert parse_time("2030-01-31T13:30:00+01:30") == NOON


@pytest.mark.parametrize("text", ["", "yesterday", "2030-01-31", "2030-01-31T12:00:00", "2030-13-01T00:00:00Z"])
def test_a_text_that_is_no_moment_is_refused_with_a_sentence(text: str) -> None:
    with pytest.raises(ValueError, match="expected a time like"):
        parse_time(text)


def test_the_system_clock_is_aware_and_the_fake_one_moves_only_when_told() -> None:
    assert SystemClock().now().utcoffset() == timedelta(0)
    clock = FakeClock()
    clock.advance(1.5)
    assert clock.now() - NOON == timedelta(seconds=1.5)
