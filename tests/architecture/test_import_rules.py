"""Nobody imports against the direction of the design, and each contract notices when somebody does."""

import os
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from tests.architecture.tree import ROOT, SOURCE_ROOTS


def lint_imports(folder: Path, cache: Path, *contracts: str) -> subprocess.CompletedProcess[str]:
    arguments = [argument for contract in contracts for argument in ("--contract", contract)]
    command = [str(Path(sys.executable).with_name("lint-imports")), "--no-logo", "--cache-dir", str(cache), *arguments]
    environment = {**os.environ, "COLUMNS": "200"}
    return subprocess.run(command, cwd=folder, env=environment, capture_output=True, text=True, check=False)


@pytest.fixture(scope="module")
def cache(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("import-cache")


@pytest.fixture(scope="module")
def copied_tree(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A copy of the sources that may be spoiled, as long as each test repairs it."""
    copy = tmp_path_factory.mktemp("tree")
    shutil.copy(ROOT / "pyproject.toml", copy)
    for root in SOURCE_ROOTS:
        shutil.copytree(ROOT / root, copy / root, ignore=shutil.ignore_patterns("__pycache__", "*.sql", "*.json"))
    return copy


def test_the_tree_keeps_every_contract(cache: Path) -> None:
    result = lint_imports(ROOT, cache)

    assert result.returncode == 0, result.stdout + result.stderr


class Plant(NamedTuple):
    contract: str
    path: str
    source: str


PLANTS = [
    Plant("libs", "libs/contracts/planted.py", "import libs.chassis"),
    Plant("libs", "libs/gadgets/__init__.py", ""),
    Plant("chassis", "libs/chassis/gadgets/__init__.py", ""),
    Plant("chassis", "libs/chassis/decider.py", "import libs.chassis.telemetry"),
    Plant("libs-know-no-service", "libs/chassis/planted.py", "import services.engine"),
    Plant("services", "services/engine/planted.py", "import services.catalog"),
    Plant("services", "services/billing/__init__.py", ""),
    Plant("services-know-no-deployment", "services/audit/planted.py", "import deploy.local"),
    Plant("rooms", "services/engine/domain/planted.py", "import services.engine.store"),
    Plant("rooms", "services/engine/store/planted.py", "import services.engine.api"),
    Plant("rooms", "services/engine/api/planted.py", "import services.engine.consumers"),
    Plant("rooms", "services/dispatcher/delivery/planted.py", "import services.dispatcher.workers"),
    Plant("rooms", "services/dispatcher/workers/planted.py", "import services.dispatcher.app"),
    Plant("rooms", "services/engine/sidecars/__init__.py", ""),
    Plant("dashboard", "services/audit/dashboard/presenters/planted.py", "import services.audit.dashboard.pages"),
    Plant("dashboard", "services/audit/dashboard/charts/planted.py", "import services.audit.dashboard.presenters"),
    Plant("dashboard", "services/audit/dashboard/visit.py", "import services.audit.dashboard.presenters"),
    Plant("dashboard", "services/audit/dashboard/pages/planted.py", "import services.audit.dashboard.signing_in"),
    Plant("dashboard", "services/audit/dashboard/gadgets/__init__.py", ""),
    Plant("presenters-are-pure", "services/audit/dashboard/presenters/planted.py", "import libs.chassis.db.reads"),
    Plant("kafka", "services/engine/consumers/planted.py", "from aiokafka import AIOKafkaConsumer"),
    Plant("kafka", "libs/chassis/outbox/planted.py", "import aiokafka.errors"),
    Plant("kafka", "demo/planted.py", "import confluent_kafka"),
    Plant("postgres", "services/engine/domain/planted.py", "import asyncpg"),
    Plant("postgres", "libs/chassis/http/planted.py", "import asyncpg"),
    Plant("contracts-are-pure", "libs/contracts/planted.py", "import asyncio"),
]


@pytest.mark.parametrize("plant", PLANTS, ids=lambda plant: f"{plant.contract}: {plant.path}")
def test_a_planted_import_breaks_its_contract(plant: Plant, copied_tree: Path, cache: Path) -> None:
    module = copied_tree / plant.path
    before = module.read_text() if module.exists() else None
    module.parent.mkdir(parents=True, exist_ok=True)
    module.write_text(f"{plant.source}\n{before or ''}")
    try:
        result = lint_imports(copied_tree, cache, plant.contract)
    finally:
        _restore(module, before)

    assert result.returncode == 1, result.stdout + result.stderr
    assert "BROKEN" in result.stdout
    assert plant.path.split(".")[0].removesuffix("/__init__").replace("/", ".") in "".join(result.stdout.split())


def test_every_contract_is_broken_once() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text())["tool"]["importlinter"]["contracts"]

    assert {plant.contract for plant in PLANTS} == {contract["id"] for contract in contracts}


def _restore(module: Path, before: str | None) -> None:
    if before is not None:
        module.write_text(before)
        return
    module.unlink()
    if module.name == "__init__.py":
        module.parent.rmdir()
