"""docs/reference/states.md: the life cycles of runs, steps and paths, from the engine's transition tables."""

from collections.abc import Iterator, Mapping
from textwrap import wrap
from typing import Any

from deploy.reference.markdown import code, page, table
from services.engine.domain.states import PATH, RUN, STEP, TERMINAL

Transitions = Mapping[Any, str]
"""(status or None, what happens) → status."""

_INTRODUCTION = """\
Each table is the one that the engine decides by: status and what happens, next status. What is not listed cannot
happen. A status in bold is final.
"""
_ABOUT: Mapping[str, str] = {
    "Run": "One execution of one version of a workflow. Its last event is `run.completed` or `run.failed`; a run that "
    "was cancelled is `failed` with the error type `run_cancelled`.",
    "Step": "One attempt at one step. `schedule` is `step.scheduled`; `start` happens only to a job that somebody has "
    "been holding for a moment. A step whose parameters cannot be made fails without being scheduled. `close` is what "
    "the end of its run does to an open step.",
    "Path": "A line of steps that are executed one after the other. A run begins with the path `main`; every further "
    "edge that is followed begins another.",
}


def states_page() -> str:
    """A diagram and a table for each life cycle."""
    lines = [*_INTRODUCTION.splitlines(), ""]
    cycles: Mapping[str, Transitions] = {"Run": RUN, "Step": STEP, "Path": PATH}
    for name, transitions in cycles.items():
        lines += [f"## {name}", "", *wrap(_ABOUT[name], 118), "", *_section(transitions)]
    lines += ["How a job is claimed, lost and finished: [jobs and leases](../concepts/jobs-and-leases.md)."]
    return page("Life cycles", "services/engine/domain/states.py", lines)


def _section(transitions: Transitions) -> list[str]:
    rows = ((_named(before), f"`{happening}`", _named(after)) for (before, happening), after in transitions.items())
    return [*code("mermaid", "\n".join(_diagram(transitions))), *table(("status", "what happens", "next"), rows)]


def _diagram(transitions: Transitions) -> Iterator[str]:
    yield "stateDiagram-v2"
    for (before, happening), after in transitions.items():
        yield f"  {before or '[*]'} --> {after}: {happening}"
    for status in dict.fromkeys(transitions.values()):
        if status in TERMINAL:
            yield f"  {status} --> [*]"


def _named(status: str | None) -> str:
    if status is None:
        return "(none)"
    return f"**`{status}`**" if status in TERMINAL else f"`{status}`"
