"""The rules of the keywords that apply other schemas to the same value."""

from collections.abc import Iterator, Mapping
from typing import Final

from libs.contracts.schema_compat.facts import Facts
from libs.contracts.schema_compat.gaps import Gap, Kind
from libs.contracts.schema_compat.nodes import Node
from libs.contracts.schema_compat.proof import Check, Demand, Proof


def _reference(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    target = demand.node.target
    if target is None:
        yield demand.gap("$ref", Kind.UNCLEAR, "a reference leads nowhere")
    else:
        yield from proof.here(facts.case, target, demand.place)


def _all_of(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    for schema in demand.node.children("allOf"):
        yield from proof.here(facts.case, schema, demand.place)


def _any_of(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    """If none takes it all, the gaps of the only one that the value can be meant for tell most."""
    tried: list[tuple[Node, list[Gap]]] = []
    for branch in demand.node.children("anyOf"):
        gaps = proof.here(facts.case, branch, demand.place)
        if not gaps:
            return
        tried.append((branch, gaps))
    meant = [gaps for branch, gaps in tried if not proof.is_impossible(facts.case.holding(branch))]
    if len(meant) == 1:
        yield from meant[0]
    elif not meant:
        yield demand.gap("anyOf", Kind.UNTAKEN, "`anyOf`")
    else:
        yield demand.gap("anyOf", Kind.UNCLEAR, "no alternative of `anyOf` alone takes all that is possible")


def _one_of(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    """One alternative takes it, and what it takes fits no other."""
    branches = demand.node.children("oneOf")
    possible = [one for one in branches if not proof.is_impossible(facts.case.holding(one))]
    if len(possible) == 1:
        yield from proof.here(facts.case, possible[0], demand.place)
    elif not possible:
        yield demand.gap("oneOf", Kind.UNTAKEN, "`oneOf`")
    else:
        yield demand.gap("oneOf", Kind.UNCLEAR, "more than one alternative of `oneOf` may fit")


def _not(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    """A value that fits the schema under `not` must be impossible, or fit one that is ruled out."""
    ruled_out = demand.node.child("not")
    if ruled_out is None:
        return
    case = facts.case.holding(ruled_out)
    if proof.is_impossible(case) or any(not proof.here(case, known, demand.place) for known in facts.negated):
        return
    yield demand.gap("not", Kind.UNCLEAR, "what the schema under `not` rules out may have been possible")


def _if(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    condition, then, otherwise = (demand.node.child(keyword) for keyword in ("if", "then", "else"))
    if condition is None:
        return
    if then is not None:
        yield from proof.here(facts.case.holding(condition), then, demand.place)
    if otherwise is not None:
        yield from proof.here(facts.case.failing(condition), otherwise, demand.place)


CHOICE_RULES: Final[Mapping[str, Check]] = {
    "$ref": _reference,
    "allOf": _all_of,
    "anyOf": _any_of,
    "oneOf": _one_of,
    "not": _not,
    "if": _if,
}
