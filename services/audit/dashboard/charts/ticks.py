"""Round places on an axis of time: 1, 2 or 5 times a power of ten below a minute, above it as clocks divide."""

from datetime import timedelta

from services.audit.dashboard.charts.durations import duration_text

MOST_TICKS = 6
"""Without the first; their labels have to fit beside one another on a phone."""

_MICROSECOND = timedelta(microseconds=1)
_DECIMAL_UNTIL = timedelta(seconds=50)
_CLOCK = (60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400)
"""Seconds: 1, 2, 5, 10, 15 and 30 minutes, 1, 2, 3, 6 and 12 hours, a day."""


def ticks(span: timedelta, most: int = MOST_TICKS) -> list[timedelta]:
    """From the beginning on, equally far apart, at most `most` and the one at 0. No two if there is no span."""
    step = _step(span, most)
    return [step * number for number in range(span // step + 1)]


def tick_text(tick: timedelta) -> str:
    """`0`, `50 ms`, `2 min`, `1 d`."""
    return duration_text(tick) if tick else "0"


def _step(span: timedelta, most: int) -> timedelta:
    """The least round step that does not give more."""
    least = -(-span // most)
    if least <= _DECIMAL_UNTIL:
        return _decimal(max(least, _MICROSECOND), _MICROSECOND)
    of_the_clock = (timedelta(seconds=seconds) for seconds in _CLOCK)
    return next((step for step in of_the_clock if step >= least), None) or _decimal(least, timedelta(days=1))


def _decimal(least: timedelta, unit: timedelta) -> timedelta:
    """The least of 1, 2, 5, 10, 20 … units that is not below `least`."""
    power = unit
    while power * 10 < least:
        power *= 10
    return next(power * factor for factor in (1, 2, 5, 10) if power * factor >= least)
