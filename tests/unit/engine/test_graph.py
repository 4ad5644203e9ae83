import pytest

from services.engine.domain.graph import Edges, reachable, repeatable

LINE: Edges = {"a": ["b"], "b": ["c"], "c": []}
DIAMOND: Edges = {"a": ["b", "c"], "b": ["d"], "c": ["d"], "d": []}
LOOP: Edges = {"a": ["b"], "b": ["c"], "c": ["b", "d"], "d": []}


@pytest.mark.parametrize(
    ("edges", "start", "reached"),
    [(LINE, "a", {"a", "b", "c"}), (LINE, "b", {"b", "c"}), (DIAMOND, "c", {"c", "d"}), (LOOP, "d", {"d"})],
)
def test_what_a_run_can_come_to(edges: Edges, start: str, reached: set[str]) -> None:
    assert reachable(start, edges) == reached


@pytest.mark.parametrize(
    ("edges", "repeats"),
    [
        (LINE, set()),
        (DIAMOND, set()),
        (LOOP, {"b", "c", "d"}),
        ({"a": ["a"]}, {"a"}),
        ({"a": ["b"], "b": ["a"]}, {"a", "b"}),
    ],
)
def test_a_cycle_and_what_lies_behind_can_repeat(edges: Edges, repeats: set[str]) -> None:
    assert repeatable(edges) == repeats


def test_long_lines_are_no_matter() -> None:
    edges = {str(number): [str(number + 1)] for number in range(20_000)} | {"20000": []}

    assert len(reachable("0", edges)) == 20_001
    assert repeatable(edges) == set()
