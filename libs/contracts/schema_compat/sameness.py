"""Whether two schemas say the same, word for word, whatever their notes, their order and the names of definitions."""

from typing import Final

import orjson

from libs.contracts.codec import Json
from libs.contracts.schema_compat.nodes import Node
from libs.contracts.schema_compat.work import Work

_ONE: Final = frozenset(
    "not if then else additionalProperties propertyNames contains items unevaluatedItems unevaluatedProperties".split()
)
_LISTS: Final = frozenset("allOf anyOf oneOf prefixItems".split())
_MAPS: Final = frozenset("properties patternProperties dependentSchemas dependencies".split())
_SETS: Final = frozenset("required enum type".split())


class Sameness:
    """Compares by walking both. A pair that is met again inside itself is the same if nothing else differs."""

    def __init__(self, work: Work) -> None:
        self._work = work
        self._known: dict[tuple[Node, Node], bool] = {}

    def of(self, one: Node, other: Node) -> bool:
        """Whether both assert the same."""
        one, other = dereferenced(one), dereferenced(other)
        if one == other:
            return True
        known = self._known.get((one, other))
        if known is None:
            underway: set[tuple[Node, Node]] = set()
            known = self._walk(one, other, underway)
            self._known.update(dict.fromkeys(underway, True) if known else {(one, other): False})
        return known

    def of_rules(self, one: Node, other: Node, *keywords: str) -> bool:
        """Whether both say the same by these keywords; both may lack some."""
        return all(self._of_rule(one, other, keyword, set()) for keyword in keywords)

    def _walk(self, one: Node, other: Node, underway: set[tuple[Node, Node]]) -> bool:
        one, other = dereferenced(one), dereferenced(other)
        if one == other or (one, other) in underway:
            return True
        if (known := self._known.get((one, other))) is not None:
            return known
        self._work.spend()
        underway.add((one, other))
        if one.is_false or other.is_false:
            return one.is_false and other.is_false
        names = one.rules.keys()
        return names == other.rules.keys() and all(self._of_rule(one, other, name, underway) for name in names)

    def _of_rule(self, one: Node, other: Node, keyword: str, underway: set[tuple[Node, Node]]) -> bool:
        left, right = _parts(one, keyword), _parts(other, keyword)
        if left is None or right is None:
            return _plain(one, keyword) == _plain(other, keyword)
        return left.keys() == right.keys() and all(
            self._walk(part, right[name], underway) for name, part in left.items()
        )


def dereferenced(node: Node) -> Node:
    """The schema itself where `node` is nothing but a reference to it."""
    while node.rules.keys() == {"$ref"} and (target := node.target()) is not None:
        node = target
    return node


def exact(value: Json) -> bytes:
    """A value as text, equal for equal values and for nothing else: 1 is not 1.0, and not true."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _parts(node: Node, keyword: str) -> "dict[str | int, Node] | None":
    """The schemas under a keyword, by name or place; None where it holds something else, or is not there."""
    if keyword not in node.rules:
        return None
    if keyword == "$ref":
        target = node.target()
        return None if target is None else {0: target}
    if keyword in _LISTS:
        return dict(enumerate(node.children(keyword)))
    if keyword in _ONE:
        child = node.child(keyword)
        return None if child is None else {0: child}
    value = node.rules[keyword].value
    is_map = keyword in _MAPS and isinstance(value, dict) and not any(isinstance(one, list) for one in value.values())
    return dict(node.named(keyword).items()) if is_map else None


def _plain(node: Node, keyword: str) -> "bytes | frozenset[bytes] | None":
    rule = node.rules.get(keyword)
    if rule is None:
        return None
    if keyword in _SETS and isinstance(rule.value, list):
        return frozenset(exact(one) for one in rule.value)
    return exact(rule.value)
