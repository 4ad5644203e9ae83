"""Spans between two moments, in words."""

from datetime import datetime, timedelta

from services.audit.dashboard.charts.durations import duration_text


def span_text(begin: datetime | None, end: datetime | None) -> str | None:
    """From one to the other, such as `1.2 s`; None while one of them has not come."""
    return None if begin is None or end is None else elapsed_text(begin, end)


def elapsed_text(begin: datetime, end: datetime) -> str:
    """From one to the other. Clocks of two machines may put the end before the beginning: that is no time at all."""
    return duration_text(max(end - begin, timedelta()))
