"""Who waited and who worked when: a row for each bar over one axis of time, as wide as the page."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal

from markupsafe import Markup

from libs.contracts.envelope import format_time
from services.audit.dashboard.charts.durations import count_text, duration_text
from services.audit.dashboard.charts.svg import NOTHING, Attributes, element, number
from services.audit.dashboard.charts.text_width import fitted
from services.audit.dashboard.charts.ticks import tick_text, ticks

SegmentKind = Literal["waiting", "running", "completed", "failed", "closed"]

BARS_DRAWN = 200
ROW_HEIGHT, AXIS_HEIGHT = 44.0, 28.0
BAR_TOP, BAR_HEIGHT = 27.0, 10.0
TEXT_BASE = 16.0
LABEL_SIZE = 13.0
LABEL_ROOM, SUB_LABEL_ROOM = 360.0, 300.0
"""Pixels for the words on a wide page."""
WORDS_SHARE = "72%"
"""Of the width, for the words beside the duration: on a narrow page they are clipped there."""
TITLE_CHARACTERS = 300
LEAST_WIDTH = 0.2
"""Percent: what took no time is seen nevertheless."""
NEAR_THE_END = 92.0
"""Percent: labels of ticks behind this are written to the left."""


@dataclass(frozen=True, slots=True)
class Segment:
    """A part of a bar; without an end it goes on."""

    start: datetime
    end: datetime | None
    kind: SegmentKind
    title: str = ""


@dataclass(frozen=True, slots=True)
class Mark:
    """A moment: a retry, a lease that expired, a late result."""

    at: datetime
    title: str


@dataclass(frozen=True, slots=True)
class Bar:
    """One row. `href` is empty if it leads nowhere."""

    label: str
    sub_label: str
    href: str
    segments: Sequence[Segment]
    marks: Sequence[Mark] = ()


@dataclass(frozen=True, slots=True)
class Span:
    """What the axis shows, and the time of looking: what is open is drawn until then."""

    start: datetime
    end: datetime
    now: datetime

    @property
    def length(self) -> timedelta:
        return max(self.end - self.start, timedelta(milliseconds=1))

    def percent(self, moment: datetime) -> float:
        """How far along the axis; what is outside of it stands at its ends."""
        return max(0.0, min(100.0, 100 * ((moment - self.start) / self.length)))


def draw_waterfall(bars: Sequence[Bar], span: Span) -> Markup:
    """The rows as an `<svg>` that takes the width there is; of more than `BARS_DRAWN` bars the first ones."""
    drawn = bars[:BARS_DRAWN]
    height = AXIS_HEIGHT + ROW_HEIGHT * len(drawn)
    return element(
        "svg",
        {"class": "waterfall", "role": "group", "width": "100%", "height": height},  # an image must not have links
        element("title", {}, "Timeline"),
        element("desc", {}, _description(len(bars), len(drawn), span)),
        *_axis(span, height),
        *(_row(bar, AXIS_HEIGHT + ROW_HEIGHT * place, span) for place, bar in enumerate(drawn)),
    )


def _description(bars: int, drawn: int, span: Span) -> str:
    missing = f", the first {count_text(drawn)} of them drawn" if drawn < bars else ""
    rows = f"{count_text(bars)} row{'s' if bars != 1 else ''}"
    return f"{rows}{missing}, {format_time(span.start)} to {format_time(span.end)}, {duration_text(span.length)}"


def _axis(span: Span, height: float) -> Iterator[Markup]:
    for tick in ticks(span.length):
        share = 100 * (tick / span.length)
        place = _percent(share)
        anchor = "start" if not tick else "end" if share > NEAR_THE_END else "middle"
        yield element("line", {"class": "tick", "x1": place, "x2": place, "y1": AXIS_HEIGHT - 8, "y2": height})
        yield element("text", {"class": "tick-text", "x": place, "y": 13, "text-anchor": anchor}, tick_text(tick))


def _row(bar: Bar, top: float, span: Span) -> Markup:
    return element(
        "svg",
        {"class": "bar", "y": top, "width": "100%", "height": ROW_HEIGHT},
        element("line", {"class": "row-line", "x1": 0, "x2": "100%", "y1": 0.5, "y2": 0.5}),
        element("svg", {"width": WORDS_SHARE, "height": BAR_TOP - 5}, _words(bar)),
        element("text", {"class": "bar-time", "x": "100%", "y": TEXT_BASE, "text-anchor": "end"}, _total(bar, span)),
        element("rect", {"class": "rail", "y": BAR_TOP + BAR_HEIGHT / 2 - 0.5, "width": "100%", "height": 1}),
        *(_segment(segment, span) for segment in bar.segments),
        *(_mark(mark, span) for mark in bar.marks),
    )


def _words(bar: Bar) -> Markup:
    """The label and, after it, the sub label; a link if there is where to."""
    label, sub_label = fitted(bar.label, LABEL_ROOM, LABEL_SIZE), fitted(bar.sub_label, SUB_LABEL_ROOM, LABEL_SIZE)
    words = [
        element("title", {}, f"{bar.label} {bar.sub_label}".strip()[:TITLE_CHARACTERS]),
        element(
            "text",
            {"y": TEXT_BASE},
            element("tspan", {"class": "bar-label"}, label),
            element("tspan", {"class": "bar-sub", "dx": 8}, sub_label) if sub_label else NOTHING,
        ),
    ]
    return element("a", {"href": bar.href}, *words) if bar.href else element("g", {}, *words)


def _total(bar: Bar, span: Span) -> str:
    """From the beginning of its first segment to the end of its last; of what is open, so far."""
    if not bar.segments:
        return ""
    start = min(segment.start for segment in bar.segments)
    end = max(segment.end or span.now for segment in bar.segments)
    return duration_text(end - start) + ("…" if any(segment.end is None for segment in bar.segments) else "")


def _segment(segment: Segment, span: Span) -> Markup:
    left, right = span.percent(segment.start), span.percent(segment.end or span.now)
    width = max(right - left, LEAST_WIDTH)
    classes = f"segment is-{segment.kind}{'' if segment.end else ' is-open'}"
    place: Attributes = {"x": _percent(min(left, 100 - width)), "width": _percent(width)}
    size: Attributes = {"y": BAR_TOP, "height": BAR_HEIGHT, "rx": 3}
    return element("rect", {"class": classes, **place, **size}, element("title", {}, _exactly(segment, span)))


def _exactly(segment: Segment, span: Span) -> str:
    """`running 1.2 s: 2030-01-31T09:30:00.000000Z to …`."""
    words = segment.title[:TITLE_CHARACTERS] or segment.kind
    length = duration_text((segment.end or span.now) - segment.start)
    until = format_time(segment.end) if segment.end else "still open"
    return f"{words} {length}: {format_time(segment.start)} to {until}"


def _mark(mark: Mark, span: Span) -> Markup:
    """A pin through the bar."""
    place = _percent(span.percent(mark.at))
    title = f"{mark.title[:TITLE_CHARACTERS]}: {format_time(mark.at)}"
    return element(
        "g",
        {"class": "mark"},
        element("title", {}, title),
        element("line", {"x1": place, "x2": place, "y1": BAR_TOP - 4, "y2": BAR_TOP + BAR_HEIGHT + 4}),
        element("circle", {"cx": place, "cy": BAR_TOP - 4, "r": 2.5}),
    )


def _percent(share: float) -> str:
    return f"{number(share)}%"
