"""Calls per hour as a line of small bars, with what failed at their feet."""

from collections.abc import Iterator, Sequence
from typing import NamedTuple

from markupsafe import Markup

from services.audit.dashboard.charts.durations import count_text
from services.audit.dashboard.charts.svg import element

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
    """An `<svg>` of 120 by 24 pixels, the oldest hour first."""
    step = WIDTH / max(len(hours), 1)
    most = max((hour.calls for hour in hours), default=0)
    bars = (bar for place, hour in enumerate(hours) for bar in _bars(hour, place * step, step, most))
    return element(
        "svg",
        {"class": "sparkline", "role": "img", "width": WIDTH, "height": HEIGHT, "viewBox": f"0 0 {WIDTH:g} {HEIGHT:g}"},
        element("title", {}, summary(hours)),
        element("rect", {"class": "base", "y": HEIGHT - BASE, "width": WIDTH, "height": BASE}),
        *bars,
    )


def summary(hours: Sequence[Hour]) -> str:
    """`24 h: 1,204 invocations, 3 failed`."""
    count, failed = sum(hour.calls for hour in hours), sum(hour.failed for hour in hours)
    if not count:
        return f"{len(hours)} h: no invocations"
    calls = f"{count_text(count)} invocation{'s' if count != 1 else ''}"
    return f"{len(hours)} h: {calls}, {f'{count_text(failed)} failed' if failed else 'none failed'}"


def _bars(hour: Hour, x: float, step: float, most: int) -> Iterator[Markup]:
    if not hour.calls:
        return
    room = HEIGHT - BASE
    height = max(room * hour.calls / most, LEAST_FAILED if hour.failed else LEAST)
    failed = max(room * hour.failed / most, LEAST_FAILED) if hour.failed else 0
    size = {"x": x, "width": step * 0.8}
    if height > failed:
        yield element("rect", {"class": "calls", **size, "y": room - height, "height": height - failed})
    if failed:
        yield element("rect", {"class": "failed", **size, "y": room - failed, "height": failed})
