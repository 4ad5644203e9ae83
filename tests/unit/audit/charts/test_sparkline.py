"""Calls per hour in 120 by 24 pixels."""

from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from services.audit.dashboard.charts.sparkline import HEIGHT, WIDTH, Hour, sparkline, summary

QUIET = [Hour(0, 0)] * 24


def test_the_summary_counts_and_names_the_failed() -> None:
    assert summary([*QUIET[:22], Hour(1_200, 2), Hour(4, 1)]) == "24 h: 1,204 invocations, 3 failed"
    assert summary([Hour(1, 0)]) == "1 h: 1 invocation, none failed"
    assert summary(QUIET) == "24 h: no invocations"


def test_nothing_is_a_flat_line() -> None:
    for hours in (QUIET, []):
        assert [one.attrib["class"] for one in ElementTree.fromstring(sparkline(hours)).iter("rect")] == ["base"]


def test_one_failed_call_among_thousands_is_seen() -> None:
    svg = sparkline([Hour(5_000, 1), Hour(1, 0)])
    bars = [(one.attrib["class"], one.attrib["height"]) for one in ElementTree.fromstring(svg).iter("rect")]
    assert bars == [("base", "1"), ("calls", "20.5"), ("failed", "2.5"), ("calls", "1.5")]


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=48))
def test_every_bar_is_within_the_picture(pairs: list[tuple[int, int]]) -> None:
    svg = sparkline([Hour(max(pair), min(pair)) for pair in pairs])
    for one in ElementTree.fromstring(svg).iter("rect"):
        x, y, width, height = (float(one.attrib.get(name, 0)) for name in ("x", "y", "width", "height"))
        assert 0 <= x <= x + width <= WIDTH + 0.01
        assert 0 <= y < y + height <= HEIGHT + 0.01
