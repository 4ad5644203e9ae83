"""Calls per hour as a line of small bars, with what failed at their feet."""

from collections.abc import Sequence
from functools import cache
from typing import NamedTuple

from markupsafe import Markup

from services.audit.dashboard.charts.durations import count_text
from services.audit.dashboard.charts.svg import NOTHING, element, number

WIDTH, HEIGHT = 120.0, 24.0
BASE = 1.0
"""Pixels of the line that they stand on."""
LEAST, LEAST_FAILED = 1.5, 2.5
"""Pixels: one call among thousands is seen, and one that failed all the more."""


class Hour(NamedTuple):
    """How many calls, and how many of them failed."""

    calls: int
    failed: int


def sparkline(hours: Sequence[Hour]) -> Markup:
    """An `<svg>` of 120 by 24 pixels, the oldest hour first. All bars of a kind are one path: a page has dozens of
    these, and an element for each bar took longer than all the rest of it."""
    calls, failed = _bars(hours)
    return element(
        "svg",
        {"class": "sparkline", "role": "img", "width": WIDTH, "height": HEIGHT, "viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}"},
        element("title", {}, summary(hours)),
        element("rect", {"class": "base", "y": HEIGHT - BASE, "width": WIDTH, "height": BASE}),
        element("path", {"class": "calls", "d": "".join(calls)}) if calls else NOTHING,
        element("path", {"class": "failed", "d": "".join(failed)}) if failed else NOTHING,
    )


def summary(hours: Sequence[Hour]) -> str:
    """`24 h: 1,204 invocations, 3 failed`."""
    count, failed = sum(hour.calls for hour in hours), sum(hour.failed for hour in hours)
    if not count:
        return f"{len(hours)} h: no invocations"
    calls = f"{count_text(count)} invocation{'s' if count != 1 else ''}"
    return f"{len(hours)} h: {calls}, {f'{count_text(failed)} failed' if failed else 'none failed'}"


def _bars(hours: Sequence[Hour]) -> tuple[list[str], list[str]]:
    """Of the calls that went well, and of those that failed below them, as pieces of a path."""
    calls: list[str] = []
    failed: list[str] = []
    room = HEIGHT - BASE
    most = max((hour.calls for hour in hours), default=0)
    for (left, right), hour in zip(_sides(len(hours)), hours, strict=True):
        if not hour.calls:
            continue
        height = max(room * hour.calls / most, LEAST_FAILED if hour.failed else LEAST)
        foot = max(room * hour.failed / most, LEAST_FAILED) if hour.failed else 0
        if height > foot:
            calls.append(_bar(left, right, room - height, room - foot))
        if foot:
            failed.append(_bar(left, right, room - foot, room))
    return calls, failed


@cache
def _sides(count: int) -> Sequence[tuple[str, str]]:
    """Of so many bars beside each other."""
    step = WIDTH / max(count, 1)
    return [(number(place * step), number((place + 0.8) * step)) for place in range(count)]


def _bar(left: str, right: str, top: float, bottom: float) -> str:
    return f"M{left} {top:.1f}H{right}V{bottom:.1f}H{left}z"
