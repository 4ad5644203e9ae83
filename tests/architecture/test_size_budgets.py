"""Files and functions stay small enough to read, and each budget notices when it is broken."""

from collections.abc import Sequence

import pytest

from tests.architecture.sizes import over_budget
from tests.architecture.tree import SOURCE_ROOTS, Module, modules


def function(lines: int, name: str = "f") -> str:
    return f"def {name}():\n" + "    x = 1\n" * (lines - 1)


def planted(*sources: str) -> list[Module]:
    return [Module.parse(f"libs/planted_{number}.py", source) for number, source in enumerate(sources)]


def test_the_tree_is_within_its_budgets() -> None:
    assert modules(*SOURCE_ROOTS)
    assert over_budget(modules(*SOURCE_ROOTS)) == []


SMALL = ["x = 1\n" * 20] * 20
FEW_LINES = "".join(function(4, f"f{number}") for number in range(40))

BROKEN = {
    "a file above the cap": ([*SMALL, "x = 1\n" * 301], "libs/planted_20.py: expected at most 300 lines"),
    "most files large": (["x = 1\n" * 121] * 3, "file lines: expected a median of at most 120"),
    "too many files large": ([*SMALL, *["x = 1\n" * 260] * 5], "file lines: expected a 90th percentile of at most 250"),
    "a function above the cap": ([FEW_LINES + function(51)], ":161 f: expected at most 50 lines, but it has 51"),
    "most functions large": ([function(13), function(13)], "function lines: expected a median of at most 12"),
    "too many functions large": (
        [function(4), function(40), function(40)],
        "function lines: expected a 90th percentile of at most 35",
    ),
    "a few functions too many near the cap": ([FEW_LINES, function(36), function(36)], "expected at most 4% above 35"),
}


@pytest.mark.parametrize(("sources", "sentence"), BROKEN.values(), ids=BROKEN)
def test_a_broken_budget_is_named(sources: Sequence[str], sentence: str) -> None:
    assert any(sentence in offence for offence in over_budget(planted(*sources)))


def test_files_and_functions_at_the_cap_pass() -> None:
    assert over_budget(planted(*SMALL, "x = 1\n" * 300, FEW_LINES + function(50))) == []


def test_a_method_counts_like_a_function() -> None:
    method = "class C:\n    async def m(self):\n" + "        x = 1\n" * 50

    assert any("2 m: expected at most 50 lines, but it has 51" in offence for offence in over_budget(planted(method)))
