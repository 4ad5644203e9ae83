"""Bars over an axis of time."""

from datetime import timedelta
from xml.etree import ElementTree

import pytest

from services.audit.dashboard.charts.waterfall import BARS_DRAWN, Bar, Mark, Segment, Span, draw_waterfall
from tests.doubles.clock import NOON

SECOND = timedelta(seconds=1)
TEN_SECONDS = Span(NOON, NOON + 10 * SECOND, NOON + 8 * SECOND)


def segments(svg: str) -> list[tuple[str, str, str]]:
    """Class, left edge and width."""
    found = [one.attrib for one in ElementTree.fromstring(svg).iter("rect")]
    return [(one["class"], one["x"], one["width"]) for one in found if one["class"].startswith("segment")]


def titles(svg: str) -> list[str]:
    return [one.text or "" for one in ElementTree.fromstring(svg).iter("title")]


def test_segments_stand_where_their_time_is() -> None:
    waits, works = Segment(NOON, NOON + SECOND, "waiting"), Segment(NOON + SECOND, NOON + 6 * SECOND, "completed")
    svg = draw_waterfall([Bar("pack", "goods.pack", "/steps/pack", [waits, works])], TEN_SECONDS)
    assert segments(svg) == [("segment is-waiting", "0%", "10%"), ("segment is-completed", "10%", "50%")]
    assert "completed 5 s: 2030-01-31T12:00:01.000000Z to 2030-01-31T12:00:06.000000Z" in titles(svg)
    assert [one.attrib["href"] for one in ElementTree.fromstring(svg).iter("a")] == ["/steps/pack"]
    assert ">6 s<" in svg


def test_what_is_open_is_drawn_until_now() -> None:
    svg = draw_waterfall([Bar("pack", "", "", [Segment(NOON + 2 * SECOND, None, "running")])], TEN_SECONDS)
    assert segments(svg) == [("segment is-running is-open", "20%", "60%")]
    assert ">6 s…<" in svg
    assert "<a" not in svg


def test_a_moment_is_seen_even_at_the_very_end() -> None:
    end = TEN_SECONDS.end
    svg = draw_waterfall([Bar("pack", "", "", [Segment(end, end, "failed")])], TEN_SECONDS)
    assert segments(svg) == [("segment is-failed", "99.8%", "0.2%")]


def test_what_is_outside_stands_at_the_edges() -> None:
    long = Segment(NOON - 5 * SECOND, NOON + 20 * SECOND, "closed")
    svg = draw_waterfall([Bar("pack", "", "", [long], [Mark(NOON - SECOND, "retried")])], TEN_SECONDS)
    assert segments(svg) == [("segment is-closed", "0%", "100%")]
    assert "retried: 2030-01-31T11:59:59.000000Z" in titles(svg)


@pytest.mark.parametrize("length", [timedelta(0), timedelta(milliseconds=1), timedelta(days=10)])
def test_any_length_of_time_has_an_axis(length: timedelta) -> None:
    svg = draw_waterfall([], Span(NOON, NOON + length, NOON + length))
    ticks = [one for one in ElementTree.fromstring(svg).iter("text") if one.attrib["class"] == "tick-text"]
    assert len(ticks) == 6


def test_of_too_many_bars_the_first_are_drawn_and_it_says_so() -> None:
    bars = [Bar(f"step_{number}", "", f"#{number}", []) for number in range(BARS_DRAWN + 1)]
    svg = draw_waterfall(bars, TEN_SECONDS)
    assert svg.count("<a ") == BARS_DRAWN
    assert "201 rows, the first 200 of them drawn" in svg


def test_names_are_text_wherever_they_stand() -> None:
    harm = '<script>"\x00'
    bar = Bar(harm, harm, harm, [Segment(NOON, None, "running", harm)], [Mark(NOON, harm)])
    svg = draw_waterfall([bar], TEN_SECONDS)
    assert "<script" not in svg
    assert '<script>"\ufffd' in [one.text for one in ElementTree.fromstring(svg).iter("tspan")]
