"""Runs tests in a copy of the tree, bounded in time, and reads which of them failed."""

import asyncio
import os
import signal
import time
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

from tests.mutants.mutant import Mutant
from tests.mutants.trees import Tree

TEST_SECONDS = 60
"""One test; who hangs longer has failed."""
TRIAL_SECONDS = 240
"""All tests of one mutant; past them it is not killed, since no test said so."""
BASELINE_SECONDS = 1_200
PASSED, FAILED = 0, 1


@dataclass(frozen=True)
class Run:
    """`status` is pytest's, None when it was ended from outside; `failed` are node ids."""

    status: int | None
    failed: frozenset[str]
    seconds: float
    log: Path


@dataclass(frozen=True)
class Verdict:
    mutant: Mutant
    run: Run

    @property
    def deaf(self) -> list[str]:
        """The tests that did not notice."""
        return [killer for killer in self.mutant.killers if not _is_among(killer, self.run.failed)]

    @property
    def killed(self) -> bool:
        return self.run.status == FAILED and not self.deaf


async def try_mutant(tree: Tree, mutant: Mutant, environment: Mapping[str, str], logs: Path) -> Verdict:
    """Whether its tests notice that the guard is gone."""
    with tree.without(mutant):
        run = await run_tests(tree, mutant.killers, environment, logs / f"{mutant.name}.log", TRIAL_SECONDS)
    return Verdict(mutant, run)


async def run_tests(tree: Tree, tests: Sequence[str], environment: Mapping[str, str], log: Path, seconds: float) -> Run:
    """These tests, in a process group of their own."""
    began, report = time.monotonic(), log.with_suffix(".xml")
    report.unlink(missing_ok=True)
    arguments = ["-q", "-p", "no:cacheprovider", "-o", f"timeout={TEST_SECONDS}", f"--junitxml={report}", *tests]
    with log.open("wb") as out:
        process = await asyncio.create_subprocess_exec(
            tree.python,
            "-m",
            "pytest",
            *arguments,
            cwd=tree.root,
            env={**os.environ, **environment, "PYTHONDONTWRITEBYTECODE": "1"},
            stdout=out,
            stderr=asyncio.subprocess.STDOUT,
            start_new_session=True,
        )
        status = await _ended(process, seconds)
    return Run(status, _failed(report), time.monotonic() - began, log)


async def _ended(process: asyncio.subprocess.Process, seconds: float) -> int | None:
    try:
        async with asyncio.timeout(seconds):
            return await process.wait()
    except TimeoutError:
        return None
    finally:
        if process.returncode is None:
            os.killpg(process.pid, signal.SIGKILL)
            await process.wait()


def _failed(report: Path) -> frozenset[str]:
    """An error in a fixture is no failed test: it may have broken for any reason."""
    if not report.exists():
        return frozenset()
    cases = ElementTree.parse(report).iter("testcase")
    return frozenset(_node_id(case) for case in cases if case.find("failure") is not None)


def _node_id(case: ElementTree.Element) -> str:
    return f"{case.get('classname', '').replace('.', '/')}.py::{case.get('name', '')}"


def _is_among(killer: str, failed: frozenset[str]) -> bool:
    return killer in failed or ("[" not in killer and any(name.startswith(f"{killer}[") for name in failed))
