"""All checks over one observation."""

from collections.abc import Callable, Iterator, Mapping

from tests.chaos.oracle.checks import audit, jobs, journals, runs, topics, views
from tests.chaos.oracle.observation import Observation

CHECKS: Mapping[str, Callable[[Observation], Iterator[str]]] = {
    check.__name__: check for module in (topics, journals, runs, jobs, audit, views) for check in module.CHECKS
}


def judge(seen: Observation) -> dict[str, list[str]]:
    """The sentences of every check, by its name; empty lists are what everybody hopes for."""
    return {name: list(check(seen)) for name, check in CHECKS.items()}


def violations(seen: Observation) -> list[str]:
    """Everything that does not fit, a sentence each."""
    return [sentence for sentences in judge(seen).values() for sentence in sentences]
