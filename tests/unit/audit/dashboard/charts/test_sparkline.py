"""Calls per hour in 120 by 24 pixels."""

import re
from xml.etree import ElementTree

from hypothesis import given
from hypothesis import strategies as st

from services.audit.dashboard.charts.sparkline import HEIGHT, WIDTH, Hour, sparkline, summary

QUIET = [Hour(0, 0)] * 24
BAR = re.compile(r"M(?P<left>[\d.]+) (?P<top>[\d.]+)H(?P<right>[\d.]+)V(?P<bottom>[\d.]+)H(?P=left)z")


def bars(svg: str, kind: str) -> list[tuple[float, float, float, float]]:
    """Left, top, right and bottom of each bar of a kind."""
    drawn = "".join(one.attrib["d"] for one in svg_of(svg).iter("path") if one.attrib["class"] == kind)
    assert BAR.sub("", drawn) == ""
    return [(float(left), float(top), float(right), float(bottom)) for left, top, right, bottom in BAR.findall(drawn)]


def svg_of(svg: str) -> ElementTree.Element:
    return ElementTree.fromstring(svg)


def test_the_summary_counts_and_names_the_failed() -> None:
    assert summary([*QUIET[:22], Hour(1_200, 2), Hour(4, 1)]) == "24 h: 1,204 invocations, 3 failed"
    assert summary([Hour(1, 0)]) == "1 h: 1 invocation, none failed"
    assert summary(QUIET) == "24 h: no invocations"


def test_nothing_is_a_flat_line() -> None:
    for hours in (QUIET, []):
        svg = svg_of(sparkline(hours))
        assert [one.attrib["class"] for one in svg.iter("rect")] == ["base"]
        assert list(svg.iter("path")) == []


def test_one_failed_call_among_thousands_is_seen() -> None:
    svg = sparkline([Hour(5_000, 1), Hour(1, 0)])
    assert bars(svg, "calls") == [(0, 0, 48, 20.5), (60, 21.5, 108, 23)]
    assert bars(svg, "failed") == [(0, 20.5, 48, 23)]


@given(st.lists(st.tuples(st.integers(0, 10**9), st.integers(0, 10**9)), max_size=48))
def test_every_bar_is_within_the_picture(pairs: list[tuple[int, int]]) -> None:
    svg = sparkline([Hour(max(pair), min(pair)) for pair in pairs])
    for left, top, right, bottom in [*bars(svg, "calls"), *bars(svg, "failed")]:
        assert 0 <= left < right <= WIDTH + 0.01
        assert 0 <= top < bottom + 0.01 <= HEIGHT + 0.01
