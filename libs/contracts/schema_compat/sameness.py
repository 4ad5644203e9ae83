"""Whether two schemas say the same, word for word, whatever their notes, their order and the names of definitions."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final, TypeAlias

import orjson

from libs.contracts.codec import Json
from libs.contracts.schema_compat.budget import Work
from libs.contracts.schema_compat.nodes import Node

_ONE: Final = frozenset(
    "not if then else additionalProperties propertyNames contains items unevaluatedItems unevaluatedProperties".split()
)
_LISTS: Final = frozenset("allOf anyOf oneOf prefixItems".split())
_MAPS: Final = frozenset("properties patternProperties dependentSchemas dependencies".split())
_Pair: TypeAlias = tuple[Node, Node]
_SETS: Final = frozenset("required enum type".split())


class Sameness:
    """Compares by walking both. A pair that is met again is the same if nothing else differs."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[_Pair, bool] = {}

    def of(self, one: Node, other: Node) -> bool:
        """Whether both assert the same."""
        self._work.spend_little()
        pair = dereferenced(one), dereferenced(other)
        known = self._known.get(pair)
        if known is None:
            known = self._known[pair] = self._agree([pair])
        return known

    def of_rules(self, one: Node, other: Node, *keywords: str) -> bool:
        """Whether both say the same by these keywords; both may lack some."""
        pairs = _pairs_below(one, other, keywords)
        return pairs is not None and self._agree(pairs)

    def _agree(self, pairs: Sequence[_Pair]) -> bool:
        seen: set[_Pair] = set()
        pending = list(pairs)
        while pending:
            one, other = pair = _dereferenced(pending.pop())
            if one is other or pair in seen or self._known.get(pair):
                continue
            seen.add(pair)
            self._work.spend(2)  # all keywords of both are looked at
            below = None if pair in self._known else _below(one, other)
            if below is None:
                self._known[pair] = False
                return False
            pending.extend(below)
        self._known.update(dict.fromkeys(seen, True))
        return True


def dereferenced(node: Node) -> Node:
    """The schema itself where `node` is nothing but a reference to it."""
    while node.rules.keys() == {"$ref"} and (target := node.target) is not None:
        node = target
    return node


def _dereferenced(pair: _Pair) -> _Pair:
    return dereferenced(pair[0]), dereferenced(pair[1])


def _below(one: Node, other: Node) -> Sequence[_Pair] | None:
    """The pairs of schemas that have to be the same for these to be; None when they differ by themselves."""
    if one.is_false or other.is_false or one.rules.keys() != other.rules.keys():
        return () if one.is_false and other.is_false else None
    return _pairs_below(one, other, one.rules)


def _pairs_below(one: Node, other: Node, keywords: Iterable[str]) -> Sequence[_Pair] | None:
    pairs: list[_Pair] = []
    for keyword in keywords:
        left, right = _parts(one, keyword), _parts(other, keyword)
        if left is None or right is None:
            if _plain(one, keyword) != _plain(other, keyword):
                return None
        elif left.keys() != right.keys():
            return None
        else:
            pairs += [(part, right[name]) for name, part in left.items()]
    return pairs


def exact(value: Json) -> bytes:
    """A value as text, equal for equal values and for nothing else: 1 is not 1.0, and not true."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _parts(node: Node, keyword: str) -> Mapping[str, Node] | None:
    """The schemas under a keyword, by name or place; None where it holds something else, or is not there."""
    if keyword not in node.rules:
        return None
    if keyword == "$ref":
        target = node.target
        return None if target is None else {"": target}
    if keyword in _LISTS:
        return {str(place): one for place, one in enumerate(node.children(keyword))}
    if keyword in _ONE:
        child = node.child(keyword)
        return None if child is None else {"": child}
    value = node.rules[keyword].value
    is_map = keyword in _MAPS and isinstance(value, dict) and not any(isinstance(one, list) for one in value.values())
    return node.named(keyword) if is_map else None


def _plain(node: Node, keyword: str) -> "bytes | frozenset[bytes] | None":
    rule = node.rules.get(keyword)
    if rule is None:
        return None
    if keyword in _SETS and isinstance(rule.value, list):
        return frozenset(exact(one) for one in rule.value)
    return exact(rule.value)
