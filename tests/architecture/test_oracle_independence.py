"""The oracle of the chaos tests shares no code with what it judges, so that it cannot share a misunderstanding."""

import pytest

from tests.architecture.tree import Module, imported_names, modules

ORACLE = "tests/chaos/oracle/"
MAY_IMPORT = frozenset(
    """aiohttp aiokafka asyncio asyncpg base64 collections dataclasses functools itertools json pathlib sys typing
    tests.chaos.oracle""".split()
)


def foreign_imports(module: Module) -> list[str]:
    """A sentence for every import of what the oracle may not know."""
    return [
        f"{module.path}:{line}: expected an oracle that knows nothing of what it judges, but it imports {name}"
        for line, name in imported_names(module)
        if not any(name == allowed or name.startswith(f"{allowed}.") for allowed in MAY_IMPORT)
    ]


def test_the_oracle_imports_nothing_of_what_it_judges() -> None:
    oracle = [module for module in modules("tests") if module.path.startswith(ORACLE)]
    assert len(oracle) > 5
    assert [offence for module in oracle for offence in foreign_imports(module)] == []


@pytest.mark.parametrize(
    "planted",
    [
        "from libs.contracts.codec import parse_json\n",
        "import services.engine.domain.states\n",
        "from deploy.local.stack import LocalStack\n",
        "from tests.chaos.storm.course import Weather\n",
    ],
)
def test_a_planted_import_is_named(planted: str) -> None:
    [offence] = foreign_imports(Module.parse(f"{ORACLE}checks/runs.py", planted))
    assert offence.startswith(f"{ORACLE}checks/runs.py:1: expected ")
