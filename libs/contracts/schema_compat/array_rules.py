"""The rules of the keywords that look into arrays."""

from collections.abc import Iterator, Mapping
from typing import Final, cast

from libs.contracts.schema_compat.facts import Case, Facts
from libs.contracts.schema_compat.gaps import Gap, Kind
from libs.contracts.schema_compat.nodes import Node
from libs.contracts.schema_compat.proof import Check, Demand, Proof


def _listed(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    for place, schema in enumerate(demand.node.children("prefixItems")):
        if _may_reach(facts, place):
            yield from proof.part(facts.of_item(place), schema, demand.item(place))


def _others(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    """The items behind the listed ones: those that are listed on the other side, and one that stands for the rest."""
    schema, first = demand.node.child("items"), len(demand.node.children("prefixItems"))
    if schema is None:
        return
    last = max(first, facts.listed_items)
    for place in range(first, last + 1):
        if _may_reach(facts, place):
            yield from proof.part(facts.of_item(place), schema, demand.item("" if place == last else place))


def _may_reach(facts: Facts, place: int) -> bool:
    return "array" in facts.kinds and (facts.most_items is None or facts.most_items > place)


def _unique(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    if demand.node.rules["uniqueItems"].value is not True or True in facts.values_of("uniqueItems"):
        return
    if _may_reach(facts, 1):
        yield demand.gap("uniqueItems", Kind.DEMANDED, "a list without repetitions")


def _contains(proof: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    wanted = demand.node.child("contains")
    if wanted is None or "array" not in facts.kinds:
        return
    least, most = _count(demand.node, "minContains", 1), _count(demand.node, "maxContains", None)
    if least and not _contains_enough(proof, facts, wanted, least):
        yield demand.gap("contains", Kind.UNCLEAR, "`contains` does not follow from what is known of the items")
    if most is not None and not _contains_few(proof, facts, wanted, most):
        yield demand.gap("maxContains", Kind.UNCLEAR, "`maxContains` does not follow from what is known of the items")


def _contains_enough(proof: Proof, facts: Facts, wanted: Node, least: float) -> bool:
    """Enough items were contained that fit, or all items fit and there are enough."""
    for node in facts.nodes:
        known = node.child("contains")
        are_enough = known is not None and (_count(node, "minContains", 1) or 0) >= least
        if known is not None and are_enough and not proof.part(Case((known,)), wanted, ""):
            return True
    places = range(facts.listed_items + 1)
    enough = max(facts.sizes_of("minItems"), default=0) >= least
    return enough and not any(
        _may_reach(facts, place) and proof.part(facts.of_item(place), wanted, "") for place in places
    )


def _contains_few(proof: Proof, facts: Facts, wanted: Node, most: float) -> bool:
    if facts.most_items is not None and facts.most_items <= most:
        return True
    for node in facts.nodes:
        known, limit = node.child("contains"), _count(node, "maxContains", None)
        is_tight = limit is not None and limit <= most
        if known is not None and is_tight and not proof.part(Case((wanted,)), known, ""):
            return True
    return False


def _count(node: Node, keyword: str, default: float | None) -> float | None:
    rule = node.rules.get(keyword)
    return default if rule is None else cast("int | float", rule.value)


def _unevaluated(_: Proof, facts: Facts, demand: Demand) -> Iterator[Gap]:
    schema = demand.node.child("unevaluatedItems")
    if schema is not None and not schema.is_trivial and "array" in facts.kinds:
        yield demand.gap("unevaluatedItems", Kind.UNCLEAR, "`unevaluatedItems` depends on all that stands beside it")


ARRAY_RULES: Final[Mapping[str, Check]] = {
    "prefixItems": _listed,
    "items": _others,
    "uniqueItems": _unique,
    "contains": _contains,
    "unevaluatedItems": _unevaluated,
}
