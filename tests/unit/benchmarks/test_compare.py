"""A ratio that has fallen is named; one that has risen, or is a little lower, is not."""

import pytest

from tests.benchmarks.compare import falls, ratios_of
from tests.benchmarks.keep import BEGIN, END, between_marks
from tests.benchmarks.rows import Row, cost, row


def test_a_ratio_that_lost_more_than_a_fifth_is_a_fall() -> None:
    sentences = list(falls({"relay": 0.5, "audit": 0.5}, {"relay": 0.41, "audit": 0.39}))
    assert sentences == ["audit: expected 0.5 of its raw limit, but it is 0.39, 22% less"]


def test_a_ratio_that_is_measured_no_longer_is_a_fall() -> None:
    assert list(falls({"relay": 0.5}, {})) == ["relay: expected a ratio, but it was not measured"]


def test_a_cost_that_rises_falls() -> None:
    def measured(ratio: float) -> dict[str, float]:
        return ratios_of([{"name": "cpu", "ratio": ratio, "higher_is_better": False}])

    assert len(list(falls(measured(2.0), measured(2.6)))) == 1
    assert list(falls(measured(2.0), measured(1.2))) == []


def test_a_row_without_a_limit_has_no_ratio() -> None:
    assert ratios_of([{"name": "p50", "ratio": None, "higher_is_better": False}]) == {}


@pytest.mark.parametrize(
    ("made", "met", "wanted"),
    [
        (row("a", "1/s", [300, 400, 500], target=350), True, "≥ 350"),
        (row("a", "1/s", [300, 300, 500], target=350), False, "≥ 350"),
        (cost("a", "ms", [2.0], target=1.5), False, "≤ 1.5"),
        (row("a", "1/s", [40.0], raw=[100.0], ratio_target=0.5), False, "≥ 0.5 ×"),
        (cost("a", "ms", [2.0], raw=[1.0], target=3, ratio_target=1.2), False, "≤ 3, ≤ 1.2 ×"),
        (row("a", "1/s", [40.0]), None, ""),
    ],
)
def test_a_row_says_whether_its_target_is_met(made: Row, met: bool | None, wanted: str) -> None:
    assert (made.met, made.wanted) == (met, wanted)


def test_only_the_table_of_a_page_is_replaced() -> None:
    page = between_marks(f"before\n{BEGIN}old\n{END}after\n", "new")
    assert page == f"before\n{BEGIN}\nnew\n{END}after\n"


def test_a_page_without_marks_is_refused() -> None:
    with pytest.raises(ValueError, match="but one is missing"):
        between_marks("before\nafter\n", "new")
