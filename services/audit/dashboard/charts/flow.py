"""A workflow's spec as steps and edges. It reads more than the engine accepts: what makes no sense is not drawn."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from libs.contracts.codec import JsonObject
from services.audit.dashboard.loose_json import objects, words

EdgeKind = Literal["next", "catch"]


class Link(NamedTuple):
    """From one to another, by their indexes. `label`: when it is followed, in full; empty if always."""

    source: int
    target: int
    kind: EdgeKind
    label: str


@dataclass(frozen=True, slots=True, eq=False)
class Flow:
    """Steps by name, and links between them by their place in that order, in the order in which the spec has them. One
    is equal to itself only: what is found of it can be kept."""

    start: int
    steps: Mapping[str, JsonObject]
    links: Sequence[Link]


def flow_of(spec: JsonObject) -> Flow:
    """Steps by name (the first of two that share one), and the edges between steps that exist."""
    steps: dict[str, JsonObject] = {}
    for step in objects(spec.get("steps")):
        name = words(step.get("name"))
        if name:
            steps.setdefault(name, step)
    places = {name: place for place, name in enumerate(steps)}
    return Flow(places.get(words(spec.get("start_at")), 0), steps, list(_links(steps, places)))


def _links(steps: Mapping[str, JsonObject], places: Mapping[str, int]) -> Iterator[Link]:
    """The authored ones; if no step has any, the order of the list. Then what an error or a timeout leads to."""
    in_order = all(step.get("next") is None for step in steps.values())
    for place, step in enumerate(steps.values()):
        if in_order and place + 1 < len(steps):
            yield Link(place, place + 1, "next", "")
        for target, kind, label in () if _LEADING.isdisjoint(step) else _ways_out(step):
            if target in places:
                yield Link(place, places[target], kind, label)


_LEADING = frozenset({"next", "catch", "wait_signal"})
"""The fields that name other steps; most steps of a long list have none of them."""


def _ways_out(step: JsonObject) -> Iterator[tuple[str, EdgeKind, str]]:
    """The names of steps that this one says to lead to, and when."""
    for edge in objects(step.get("next")):
        yield words(edge.get("step")), "next", _when(edge)
    for catch in objects(step.get("catch")):
        errors = catch.get("error_equals")
        named = [words(error) for error in errors] if isinstance(errors, list) else []
        yield words(catch.get("next")), "catch", "on " + (", ".join(filter(None, named)) or "any error")
    wait = step.get("wait_signal")
    if isinstance(wait, dict):
        yield words(wait.get("on_timeout")), "catch", "on timeout"


def _when(edge: JsonObject) -> str:
    condition, branch = _bare(words(edge.get("condition"))), words(edge.get("branch"))
    return " · ".join(part for part in (condition, f"branch {branch}" if branch else "") if part)


def _bare(condition: str) -> str:
    """`x > 1` of `${x > 1}`."""
    inner = condition.strip()
    return inner[2:-1].strip() if inner.startswith("${") and inner.endswith("}") else inner
