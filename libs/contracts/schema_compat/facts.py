"""What is known of a value: the schemas that it fits, those that it does not fit, and what follows from them.

Whatever is left out here makes a proof harder, never wrong.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from itertools import product
from math import ceil, floor
from typing import Final, cast

from libs.contracts.codec import Json
from libs.contracts.schema_compat.budget import Work
from libs.contracts.schema_compat.nodes import Node
from libs.contracts.schema_compat.sameness import Sameness

KINDS: Final = ("null", "boolean", "object", "array", "string", "integer", "fraction")
"""The types, with the numbers told apart, so that no type is a part of another."""
NUMBERS: Final = frozenset({"integer", "fraction"})
_ALL: Final = frozenset(KINDS)
_OF_FINITE_KINDS: Final[Mapping[str, Sequence[Json]]] = {"null": (None,), "boolean": (False, True)}


@dataclass(frozen=True)
class Case:
    """A value that fits all of `holds` and none of `fails`, is of one of these kinds and, if it is an object, has these
    keys. `told` are the choices (`anyOf`, `oneOf`) whose outcome is among `holds`."""

    holds: tuple[Node, ...] = ()
    fails: tuple[Node, ...] = ()
    kinds: frozenset[str] = _ALL
    keys: frozenset[str] = frozenset()
    told: frozenset[tuple[Node, str]] = frozenset()

    def holding(self, *nodes: Node) -> "Case":
        return replace(self, holds=tuple(dict.fromkeys((*self.holds, *nodes))))

    def failing(self, node: Node) -> "Case":
        return replace(self, fails=tuple(dict.fromkeys((*self.fails, node))))

    def telling(self, node: Node, keyword: str) -> "Case":
        return replace(self, told=self.told | {(node, keyword)})

    def of_kinds(self, *kinds: str) -> "Case":
        return replace(self, kinds=self.kinds & frozenset(kinds))

    def with_key(self, name: str) -> "Case":
        return replace(self, kinds=self.kinds & {"object"}, keys=self.keys | {name})


@dataclass(frozen=True)
class Bound:
    """The end of a range of numbers."""

    value: int | float
    included: bool


class Facts:
    """What follows from a case. Never changes."""

    def __init__(self, case: Case, same: Sameness, work: Work) -> None:
        self.case = case
        self._same = same
        self._work = work
        self.nodes: tuple[Node, ...] = tuple(self._applied())
        """Every schema that the value fits, with references and conjunctions taken apart."""

    def _applied(self) -> Iterator[Node]:
        seen: set[Node] = set()
        pending = list(reversed(self.case.holds))
        while pending:
            node = pending.pop()
            if node not in seen:
                self._work.spend()
                seen.add(node)
                yield node
                pending.extend(self._implied(node))

    def _implied(self, node: Node) -> Iterator[Node]:
        target = node.target
        if target is not None:
            yield target
        yield from node.children("allOf")
        for keyword in ("dependentSchemas", "dependencies"):
            yield from (one for name, one in node.named(keyword).items() if name in self.case.keys)
        condition = node.child("if")
        if condition is not None:
            yield from self._outcome(node, condition)

    def _outcome(self, node: Node, condition: Node) -> Iterator[Node]:
        if any(self._same.of(condition, one) for one in self.case.holds):
            then = node.child("then")
        elif any(self._same.of(condition, one) for one in self.case.fails):
            then = node.child("else")
        else:
            then = None
        if then is not None:
            yield then

    @cached_property
    def kinds(self) -> frozenset[str]:
        left = self.case.kinds
        for node in self.nodes:
            if "type" in node.rules:
                left &= kinds_of(node.rules["type"].value)
        if "fraction" in left and any(is_whole(value) for value in self.values_of("multipleOf")):
            left -= {"fraction"}
        return left

    @cached_property
    def values(self) -> Sequence[Json] | None:
        """All that the value may be (and perhaps more), where that is a list."""
        lists: list[Sequence[Json]] = [cast("list[Json]", value) for value in self.values_of("enum")]
        lists += [[value] for value in self.values_of("const")]
        if self.kinds <= _OF_FINITE_KINDS.keys():
            lists.append([value for kind in sorted(self.kinds) for value in _OF_FINITE_KINDS[kind]])
        return min(lists, key=len) if lists else None

    @cached_property
    def negated(self) -> Sequence[Node]:
        """Schemas that the value does not fit."""
        nots = (node.child("not") for node in self.nodes)
        return [*self.case.fails, *(node for node in nots if node is not None)]

    def values_of(self, keyword: str) -> Iterator[Json]:
        """What the schemas say by one keyword."""
        return (node.rules[keyword].value for node in self.nodes if keyword in node.rules)

    def sizes_of(self, keyword: str) -> Iterator[int | float]:
        """The same, for a keyword that holds a number."""
        return cast("Iterator[int | float]", self.values_of(keyword))

    # Numbers

    @cached_property
    def lowest(self) -> Bound | None:
        """The lower end of the numbers, if there is one."""
        ends = [Bound(value, True) for value in self.sizes_of("minimum")]
        ends += [Bound(value, False) for value in self.sizes_of("exclusiveMinimum")]
        if "fraction" not in self.kinds:
            ends = [Bound(ceil(end.value) if end.included else floor(end.value) + 1, True) for end in ends]
        return max(ends, key=lambda end: (end.value, not end.included), default=None)

    @cached_property
    def highest(self) -> Bound | None:
        """The upper end of the numbers, if there is one."""
        ends = [Bound(value, True) for value in self.sizes_of("maximum")]
        ends += [Bound(value, False) for value in self.sizes_of("exclusiveMaximum")]
        if "fraction" not in self.kinds:
            ends = [Bound(floor(end.value) if end.included else ceil(end.value) - 1, True) for end in ends]
        return min(ends, key=lambda end: (end.value, end.included), default=None)

    # Arrays

    @property
    def most_items(self) -> int | float | None:
        return min(self.sizes_of("maxItems"), default=None)

    @property
    def listed_items(self) -> int:
        """How many items at the beginning have schemas of their own."""
        return max((len(node.children("prefixItems")) for node in self.nodes), default=0)

    def of_item(self, place: int) -> Case:
        """What is known of the item there, if there is one."""
        self._work.spend(len(self.nodes))
        found = (item_schema(node, place) for node in self.nodes)
        return Case(tuple(one for one in found if one is not None))

    # Objects

    @cached_property
    def required(self) -> frozenset[str]:
        names = set(self.case.keys)
        for value in self.values_of("required"):
            names.update(cast("list[str]", value))
        while more := {name for key in names for name in self.names_with(key)} - names:
            names |= more
        return frozenset(names)

    def names_with(self, key: str) -> Iterator[str]:
        """The keys that have to be there when `key` is."""
        for keyword in ("dependentRequired", "dependencies"):
            for value in self.values_of(keyword):
                names = value.get(key) if isinstance(value, dict) else None
                if isinstance(names, list):
                    yield from cast("list[str]", names)

    @cached_property
    def named(self) -> Sequence[str]:
        """The properties that are named somewhere."""
        return list(dict.fromkeys(name for node in self.nodes for name in node.named("properties")))

    def of_key(self, name: str) -> Case:
        """What is known of the value under a key, if it is there."""
        self._work.spend(len(self.nodes))
        return Case(tuple(one for node in self.nodes for one in key_schemas(node, name)))

    def of_key_like(self, pattern: str) -> Case:
        """What is known of the value under a key that is named nowhere and matches `pattern`."""
        self._work.spend(len(self.nodes))
        found: list[Node] = []
        for node in self.nodes:
            keyed, others = node.named("patternProperties"), node.child("additionalProperties")
            if pattern in keyed:
                found.append(keyed[pattern])
            elif others is not None and not keyed:
                found.append(others)
        return Case(tuple(found))

    def of_other_keys(self, ruled_out: frozenset[str]) -> Iterator[Case]:
        """What is known of the value under a key that is named nowhere and matches none of the patterns `ruled_out`:
        one case for each way in which the schemas can come to speak of it."""
        for ways in product(*(_ways(node, ruled_out) for node in self.nodes)):
            self._work.spend(len(ways) + 1)
            yield Case(tuple(one for one in ways if one is not None))

    @property
    def most_properties(self) -> int | float | None:
        closed = [len(node.named("properties")) for node in self.nodes if is_closed(node)]
        return min((*self.sizes_of("maxProperties"), *closed), default=None)


def kinds_of(value: Json) -> frozenset[str]:
    """The kinds behind the value of `type`."""
    names = cast("list[str]", value if isinstance(value, list) else [value])
    return frozenset(kind for name in names for kind in (NUMBERS if name == "number" else (name,)))


def is_whole(value: Json) -> bool:
    """Whether a number is an integer, written as one or not."""
    return isinstance(value, int) or (isinstance(value, float) and value.is_integer())


def item_schema(node: Node, place: int) -> Node | None:
    """The schema of an item; None where anything goes."""
    listed = node.children("prefixItems")
    return listed[place] if place < len(listed) else node.child("items")


def key_schemas(node: Node, name: str) -> Iterator[Node]:
    """The schemas of the value under a key."""
    named, keyed = node.named("properties"), node.named("patternProperties")
    found = [named[name]] if name in named else []
    found += [schema for pattern, schema in keyed.items() if node.document.validators.matches(pattern, name)]
    others = node.child("additionalProperties")
    yield from found or ([others] if others is not None else [])


def is_closed(node: Node) -> bool:
    """Whether a schema takes no property that it does not name."""
    others = node.child("additionalProperties")
    return others is not None and others.is_false and not node.named("patternProperties")


def _ways(node: Node, ruled_out: frozenset[str]) -> Sequence[Node | None]:
    keyed = node.named("patternProperties")
    return [node.child("additionalProperties"), *(keyed[pattern] for pattern in keyed if pattern not in ruled_out)]
