"""The definition of a run as a drawing, with how far its steps are, and the same in words.

Of a run of thousands of steps that takes longer than a page may, and most looks find what the last one found: the last
few drawings are kept, each under everything that it shows.
"""

from collections import defaultdict
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final, TypeAlias
from urllib.parse import quote_plus

from markupsafe import Markup

from libs.contracts.codec import parse_own_json
from services.audit.dashboard.charts.flow import Flow, flow_of
from services.audit.dashboard.charts.graph import Graph, GraphRow
from services.audit.dashboard.charts.progress import Progress, StepState
from services.audit.dashboard.loose_json import words
from services.audit.store.attempts import AttemptStatus

KEPT: Final = 8
"""Drawings; a definition has up to a megabyte, and a run up to 10,000 steps."""

States: TypeAlias = tuple[tuple[AttemptStatus, tuple[str, ...]], ...]


@dataclass(frozen=True, slots=True)
class RunGraph:
    """The drawing, and a row for each of its nodes."""

    drawing: Markup
    rows: Sequence[GraphRow]


def run_graph(spec: bytes, steps: Mapping[AttemptStatus, Sequence[str]]) -> RunGraph:
    """Of a definition (JSON), and the steps of all attempts by the status of those."""
    return _graph(spec, tuple((status, tuple(names)) for status, names in sorted(steps.items())))


@lru_cache(maxsize=KEPT)
def _graph(spec: bytes, states: States) -> RunGraph:
    name, flow = _definition(spec)
    graph = Graph(flow, progress_of(states))
    return RunGraph(graph.drawing(name, _href), graph.rows())


@lru_cache(maxsize=KEPT)
def _definition(spec: bytes) -> tuple[str, Flow]:
    """What it is called, and how its steps follow each other: the same in every look at its runs."""
    document = parse_own_json(spec)
    assert isinstance(document, dict), "expected a spec to be an object, but it is none"
    return words(document.get("name")), flow_of(document)


def progress_of(states: States) -> Progress:
    """How often each step ran into which state."""
    found: dict[str, dict[StepState, int]] = defaultdict(dict)
    for status, names in states:
        for name in names:
            counts = found[name]
            counts[status] = counts.get(status, 0) + 1
    return found


def _href(step: str) -> str:
    """The attempts of the step, on the run's page."""
    return f"?step={quote_plus(step)}#attempts"
