"""`python -m tests.mutants --only NAME…`: takes each guard away in a copy of the tree and runs the tests that must
notice. Prints a table; exit code 1 where a mutant survives, 2 where the tests fail with all guards in place."""

import argparse
import asyncio
import sys
import tempfile
from collections.abc import Mapping, Sequence
from contextlib import AsyncExitStack
from pathlib import Path

import uvloop

from deploy.local.servers import LocalServers
from tests.architecture.tree import ROOT
from tests.conftest import server_options
from tests.mutants.guards import MUTANTS
from tests.mutants.mutant import Mutant
from tests.mutants.report import progress, survivors, table
from tests.mutants.trees import Tree
from tests.mutants.trial import BASELINE_SECONDS, PASSED, Verdict, run_tests, try_mutant

LOGS = ROOT / "var" / "mutants"


def tell(sentence: str) -> None:
    print(sentence, flush=True)


async def run(mutants: Sequence[Mutant]) -> int:
    """The exit code."""
    LOGS.mkdir(parents=True, exist_ok=True)
    async with AsyncExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="mutants-")))
        environment: Mapping[str, str] = {}
        if any(mutant.needs_servers for mutant in mutants):
            servers = await stack.enter_async_context(LocalServers(folder / "servers", server_options()))
            environment = {
                "MOBIUS_POSTGRES_URL": servers.postgres_url,
                "MOBIUS_KAFKA_BOOTSTRAP": servers.kafka_bootstrap,
            }
        trees = [Tree(folder / name) for name in ("plain", "served")]
        if not await _is_sound(trees[0], mutants, environment):
            return 2
        verdicts = await _tried(trees, mutants, environment)
    tell("\n" + table(verdicts, ROOT))
    tell(survivors(verdicts))
    return 0 if all(verdict.killed for verdict in verdicts) else 1


async def _is_sound(tree: Tree, mutants: Sequence[Mutant], environment: Mapping[str, str]) -> bool:
    """Tests that fail anyway would kill everything."""
    tests = list(dict.fromkeys(killer for mutant in mutants for killer in mutant.killers))
    tell(f"{len(mutants)} mutants; first {len(tests)} tests with every guard in place …")
    baseline = await run_tests(tree, tests, environment, LOGS / "no-mutant.log", BASELINE_SECONDS)
    if baseline.status != PASSED:
        tell(f"expected them to pass, but they did not: {sorted(baseline.failed)}, see {baseline.log}")
    return baseline.status == PASSED


async def _tried(trees: Sequence[Tree], mutants: Sequence[Mutant], environment: Mapping[str, str]) -> list[Verdict]:
    """Two at a time: those that need servers share one pair, so they take turns; beside them those that do not."""

    async def lane(tree: Tree, own: Sequence[Mutant]) -> list[Verdict]:
        verdicts = []
        for mutant in own:
            verdicts.append(await try_mutant(tree, mutant, environment, LOGS))
            tell(progress(verdicts[-1]))
        return verdicts

    lanes = [
        lane(tree, [mutant for mutant in mutants if mutant.needs_servers is served])
        for tree, served in zip(trees, (False, True), strict=True)
    ]
    found = {verdict.mutant: verdict for verdicts in await asyncio.gather(*lanes) for verdict in verdicts}
    return [found[mutant] for mutant in mutants]


def main() -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.mutants", description=__doc__)
    parser.add_argument("--only", nargs="+", metavar="NAME", help="these mutants (default: all)")
    given = parser.parse_args()
    known = {mutant.name: mutant for mutant in MUTANTS}
    unknown = set(given.only or ()) - set(known)
    if unknown:
        parser.error(f"expected names of mutants, but {sorted(unknown)} are none; there are {', '.join(known)}")
    return uvloop.run(run([known[name] for name in given.only or known]))


if __name__ == "__main__":
    sys.exit(main())
