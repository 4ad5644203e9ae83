"""The table of mutants keeps up with the code: each edit still fits, and each test that must notice it exists."""

import ast
from functools import cache

import pytest

from tests.architecture.tree import ROOT
from tests.mutants.guards import MUTANTS
from tests.mutants.mutant import Mutant


def test_names_of_mutants_are_unique() -> None:
    names = [mutant.name for mutant in MUTANTS]
    assert len(set(names)) == len(names)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_a_mutant_still_fits_the_code(mutant: Mutant) -> None:
    source = (ROOT / mutant.path).read_text()
    mutated = mutant.of(source)
    assert mutated != source
    assert mutant.path.startswith(("libs/", "services/"))
    if mutant.path.endswith(".py"):
        ast.parse(mutated)


@pytest.mark.parametrize("mutant", MUTANTS, ids=lambda mutant: mutant.name)
def test_every_test_that_must_notice_a_mutant_exists(mutant: Mutant) -> None:
    assert mutant.killers
    for killer in mutant.killers:
        path, _, name = killer.partition("::")
        assert name.partition("[")[0] in functions_of(path), killer


def test_a_text_that_stands_twice_or_nowhere_is_no_place_for_a_mutant() -> None:
    mutant = Mutant("name", "danger", "libs/x.py", "a", "b", ("tests/unit/x.py::test_x",))
    for source in ("a a", "c"):
        with pytest.raises(ValueError, match="expected its text once"):
            mutant.of(source)


@cache
def functions_of(path: str) -> frozenset[str]:
    tree = ast.parse((ROOT / path).read_text())
    return frozenset(node.name for node in tree.body if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef))
