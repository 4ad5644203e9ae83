"""Durations and counts as people read them."""

from datetime import timedelta
from itertools import pairwise

_MICROSECOND = timedelta(microseconds=1)
_UNITS = (("d", 86_400), ("h", 3_600), ("min", 60), ("s", 1))


def count_text(count: int) -> str:
    """`1,204`."""
    return f"{count:,}"


def duration_text(duration: timedelta) -> str:
    """Two units at most: `0.25 ms`, `950 ms`, `1.2 s`, `42 s`, `3 min 20 s`, `2 d 4 h`. Below nothing is `0 ms`."""
    microseconds = max(duration // _MICROSECOND, 0)
    if microseconds < 999_500:
        return f"{_digits(microseconds / 1_000)} ms"
    if microseconds < 9_950_000:
        return f"{_digits(microseconds / 1_000_000, 1)} s"
    return _two_units((microseconds + 500_000) // 1_000_000)


def _digits(value: float, decimals: int | None = None) -> str:
    """Three digits are enough below a second, so that `0.042` and `950` are as they were measured."""
    if decimals is None:
        decimals = 0 if value >= 100 else 1 if value >= 10 else 2 if value >= 1 else 3
    text = f"{value:.{decimals}f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def _two_units(seconds: int) -> str:
    """The largest unit and the one below. Rounded before it is split: 7,199.6 s are `2 h`, not `1 h 60 min`."""
    for (_, large), (_, small) in pairwise(_UNITS):
        if seconds >= large:
            seconds = (seconds + small // 2) // small * small
            break
    counted = []
    for name, size in _UNITS:
        whole, seconds = divmod(seconds, size)
        if whole:
            counted.append(f"{count_text(whole)} {name}")
    return " ".join(counted[:2])
