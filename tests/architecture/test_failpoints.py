"""Every state between two durable effects has a name, every name is one such state, and a test dies in each."""

import ast
from collections import Counter
from collections.abc import Iterator
from types import CodeType

import pytest

from libs.chassis.failpoints import FAILPOINTS
from tests.architecture.failpoint_rules import EXEMPT, exempted, reached, unnamed_states
from tests.architecture.tree import ROOT, Module, modules

LIST = "libs/chassis/failpoints.py"
TESTS = ROOT / "tests/e2e/failpoints"


def test_every_durable_effect_leads_into_a_named_state() -> None:
    assert [sentence for module in modules("libs", "services") for sentence in unnamed_states(module)] == []


def test_every_failpoint_stands_in_the_code_once() -> None:
    found = Counter(name for module in modules("libs", "services") for name in reached(module))

    assert found == Counter(FAILPOINTS.keys())


@pytest.mark.parametrize(("level", "left"), [(0, set(FAILPOINTS)), (1, set[str]())])
def test_nothing_of_a_failpoint_is_left_in_optimised_code(level: int, left: set[str]) -> None:
    compiled = [compile(module.tree, module.path, "exec", optimize=level) for module in modules("libs", "services")]
    named = {text for code in compiled for text in _constants(code) if code.co_filename != LIST}

    assert named & set(FAILPOINTS) == left


def test_every_exemption_is_needed() -> None:
    assert {name for module in modules("libs", "services") for name in exempted(module)} >= set(EXEMPT)


def test_a_test_dies_at_every_failpoint() -> None:
    died = {name for path in TESTS.glob("test_*.py") for name in _texts(path.read_text())}

    assert set(FAILPOINTS) - died == set()


def _constants(code: CodeType) -> Iterator[str]:
    for constant in code.co_consts:
        if isinstance(constant, str):
            yield constant
        elif isinstance(constant, CodeType):
            yield from _constants(constant)


def _texts(source: str) -> set[str]:
    constants = [node.value for node in ast.walk(ast.parse(source)) if isinstance(node, ast.Constant)]
    return {text.partition(":")[0] for text in constants if isinstance(text, str)}


IMPORTS = """
from libs.chassis.db.statement import run
from libs.chassis.failpoints import reached
from libs.chassis.journal.commit import commit
"""

BROKEN = {
    "a statement of ours": "await run(link, parts)\n    done()",
    "a commit at the end": "await commit(link, parts, entries)",
    "a named statement": 'await self._link.rows(QUERIES["claim_jobs"], 1)\n    done()',
    "a statement in the code": 'await link.row("INSERT INTO journal VALUES (1)")\n    done()',
    "a statement that cannot be read here": "await link.rows(composed(), 1)\n    done()",
    "a door before a commit": "await self._writer.write(parts, entries)\n    done()",
    "a batch for the broker": "await self._producer.publish(topic, 0, messages)\n    done()",
    "a request to an endpoint": "await session.post(url)\n    done()",
    "a transaction": 'async with link.transaction() as work:\n        await work.rows("SELECT 1")\n    done()',
    "a failpoint that comes too late": 'await run(link, parts)\n    await more()\n    assert reached("x")',
    "one in a loop": "for part in parts:\n        await run(link, [part])",
    "one whose result is used": 'return len(await link.rows("DELETE FROM ready"))',
}


@pytest.mark.parametrize("body", BROKEN.values(), ids=BROKEN)
def test_a_planted_effect_without_a_name_is_found(body: str) -> None:
    assert len(list(unnamed_states(planted(body)))) == 1


KEPT = {
    "a state with a name": 'await run(link, parts)\n    assert reached("x")',
    "a statement that reads": 'await self._link.rows(QUERIES["read_leases"], [1])\n    done()',
    "a question in the code": 'await link.rows("SELECT 1 FROM updates")\n    done()',
    "a function of another module": "await asyncio.run(link)\n    done()",
}


@pytest.mark.parametrize("body", KEPT.values(), ids=KEPT)
def test_what_leaves_nothing_behind_needs_no_name(body: str) -> None:
    assert list(unnamed_states(planted(body))) == []


@pytest.mark.parametrize("body", ['reached("x")', 'if reached("x"):\n        pass', "assert reached(name)"])
def test_a_failpoint_that_would_stay_in_production_is_found(body: str) -> None:
    with pytest.raises(AssertionError, match="expected"):
        list(reached(planted(body)))


def planted(body: str) -> Module:
    """A module of the dispatcher's store with this body in a function."""
    queries = "from libs.chassis.db.queries import load_queries\nQUERIES = load_queries(__package__)\n"
    source = f"{IMPORTS}{queries}\nasync def planted():\n    {body}\n"
    return Module.parse("services/dispatcher/store/planted.py", source)
