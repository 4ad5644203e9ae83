"""Whether a schema may take the place of another: a verdict for whoever changes an action.

An input that was accepted must stay accepted, and an output must keep what was promised. Both are the same question:
does every value that fits the one schema fit the other? A verdict that says safe is a proof. One that says breaking
names a reason, or says that the change cannot be shown to be safe, as with patterns that differ.

What a value does is what the validators of the gate do with it (`libs.contracts.schema_validators`).
"""

from dataclasses import dataclass
from typing import Final

from libs.contracts.codec import InvalidJson, JsonObject
from libs.contracts.schema_compat.budget import TooIntricate, Work
from libs.contracts.schema_compat.facts import Case
from libs.contracts.schema_compat.gaps import UNPROVEN, Direction, sentence
from libs.contracts.schema_compat.nodes import Document, Node
from libs.contracts.schema_compat.prover import Prover
from libs.contracts.schema_gate import UnfitSchema, compile_schema

MAX_REASONS: Final = 20

__all__ = ["MAX_REASONS", "UNPROVEN", "Reason", "Verdict", "compare_input", "compare_output"]


@dataclass(frozen=True)
class Reason:
    """Why a change is not safe. `path` is a JSON pointer into the schema that has to hold: for an input into the new
    one, for an output into the old one, whose promise it is."""

    path: str
    sentence: str


@dataclass(frozen=True)
class Verdict:
    """Safe, or the reasons why not: one at least, twenty at most."""

    safe: bool
    reasons: tuple[Reason, ...] = ()


def compare_input(old: JsonObject | None, new: JsonObject | None) -> Verdict:
    """Whether `new` accepts everything that `old` accepts. None accepts anything."""
    return _compare(old, new, Direction.INPUT)


def compare_output(old: JsonObject | None, new: JsonObject | None) -> Verdict:
    """Whether `new` promises everything that `old` promises. None promises nothing."""
    return _compare(new, old, Direction.OUTPUT)


def _compare(given: JsonObject | None, wanted: JsonObject | None, direction: Direction) -> Verdict:
    if wanted is None:
        return Verdict(safe=True)
    try:
        given_node, wanted_node = _root({} if given is None else given), _root(wanted)
        gaps = Prover(Work()).here(Case((given_node,)), wanted_node, "")
    except (UnfitSchema, InvalidJson):
        return _unproven(direction, "one of the schemas could not be registered today")
    except TooIntricate:
        return _unproven(direction, "the schemas are too intricate to be compared")
    reasons = dict.fromkeys(Reason(gap.at, sentence(gap, direction)) for gap in gaps)
    return Verdict(safe=not gaps, reasons=tuple(reasons)[:MAX_REASONS])


def _root(schema: JsonObject) -> Node:
    return Document(compile_schema(schema).validators).root


def _unproven(direction: Direction, why: str) -> Verdict:
    return Verdict(safe=False, reasons=(Reason("", f"the {direction.value}: the change {UNPROVEN}, because {why}"),))
