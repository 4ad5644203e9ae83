"""A schema as the comparison reads it: only what asserts something, in the words of 2020-12, whichever draft it is in.

What an assertion means is what the validators of the gate do with it. So `format` is nothing, `dependencies` counts in
both drafts, and `contentEncoding` and `contentMediaType` count in draft 7.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import Final

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_shape import child_pointer
from libs.contracts.schema_validators import Validators

IN_PLACE: Final = frozenset("$ref allOf anyOf oneOf not if then else dependentSchemas dependencies".split())
_EVERYWHERE: Final = frozenset(
    "type enum const multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern minItems "
    "maxItems uniqueItems items contains minProperties maxProperties required properties patternProperties "
    "additionalProperties propertyNames".split()
)
_DRAFT_7: Final = _EVERYWHERE | IN_PLACE - {"dependentSchemas"} | {"contentEncoding", "contentMediaType"}
_DRAFT_2020_12: Final = (
    _EVERYWHERE
    | IN_PLACE
    | frozenset("prefixItems minContains maxContains dependentRequired unevaluatedItems unevaluatedProperties".split())
)
_NOTHING_WITHOUT: Final = {"if": ("then", "else"), "contains": ("minContains", "maxContains")}


@dataclass(frozen=True)
class Rule:
    """One assertion: its value, and the pointer where it is written."""

    value: Json
    at: str


class Document:
    """The schemas of one document. Each is one node, however often it is come to."""

    def __init__(self, validators: Validators) -> None:
        self.validators = validators
        self._nodes: dict[str, Node] = {}

    @property
    def root(self) -> "Node":
        """The whole schema."""
        return self.node("")

    def node(self, pointer: str) -> "Node":
        """The schema at a pointer."""
        found = self._nodes.get(pointer)
        if found is None:
            found = self._nodes[pointer] = Node(self, pointer)
        return found


class Node:
    """A schema inside a document: what it asserts, and the schemas that it applies."""

    def __init__(self, document: Document, pointer: str) -> None:
        self.document = document
        self.pointer = pointer
        self._named: dict[str, Mapping[str, Node]] = {}
        self._children: dict[str, Sequence[Node]] = {}

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """What this schema asserts, by keyword. Of `false` it is nothing: ask `is_false` first."""
        schema = self.document.validators.schema_at(self.pointer)
        if isinstance(schema, bool):
            return {}
        if self.document.validators.is_draft_7:
            return _of_draft_7(schema, self.pointer)
        return _closed_by_unevaluated(_written(schema, self.pointer, _DRAFT_2020_12))

    @cached_property
    def is_false(self) -> bool:
        return self.document.validators.schema_at(self.pointer) is False

    @property
    def is_trivial(self) -> bool:
        """Whether everything fits."""
        return not self.rules and not self.is_false

    def child(self, keyword: str) -> "Node | None":
        """The schema under a keyword that holds one."""
        rule = self.rules.get(keyword)
        return None if rule is None or isinstance(rule.value, list) else self.document.node(rule.at)

    def children(self, keyword: str) -> "Sequence[Node]":
        """The schemas under a keyword that holds a list of them."""
        rule = self.rules.get(keyword)
        if rule is None or not isinstance(rule.value, list):
            return ()
        if keyword not in self._children:
            places = range(len(rule.value))
            self._children[keyword] = [self.document.node(child_pointer(rule.at, place)) for place in places]
        return self._children[keyword]

    def named(self, keyword: str) -> "Mapping[str, Node]":
        """The schemas under a keyword that holds them by name; lists of names among them are left out."""
        rule = self.rules.get(keyword)
        if rule is None or not isinstance(rule.value, dict):
            return _NONE
        if keyword not in self._named:
            names = [name for name, one in rule.value.items() if not isinstance(one, list)]
            self._named[keyword] = {name: self.document.node(child_pointer(rule.at, name)) for name in names}
        return self._named[keyword]

    @cached_property
    def target(self) -> "Node | None":
        """What the `$ref` of this schema leads to."""
        rule = self.rules.get("$ref")
        reference = None if rule is None else rule.value
        pointer = self.document.validators.target_of(reference) if isinstance(reference, str) else None
        return None if pointer is None else self.document.node(pointer)


_NONE: Final[Mapping[str, Node]] = {}


def _written(schema: JsonObject, pointer: str, keywords: frozenset[str]) -> dict[str, Rule]:
    rules = {name: Rule(value, child_pointer(pointer, name)) for name, value in schema.items() if name in keywords}
    for keyword, others in _NOTHING_WITHOUT.items():
        if keyword not in rules:
            for other in others:
                rules.pop(other, None)
    return rules


def _of_draft_7(schema: JsonObject, pointer: str) -> Mapping[str, Rule]:
    if "$ref" in schema:
        return {"$ref": Rule(schema["$ref"], child_pointer(pointer, "$ref"))}
    rules = _written(schema, pointer, _DRAFT_7)
    if isinstance(schema.get("items"), list):
        rules["prefixItems"] = rules.pop("items")
        if "additionalItems" in schema:
            rules["items"] = Rule(schema["additionalItems"], child_pointer(pointer, "additionalItems"))
    return rules


def _closed_by_unevaluated(rules: dict[str, Rule]) -> Mapping[str, Rule]:
    """Where nothing else can evaluate a part, `unevaluated…` says the same as `additionalProperties` and `items`."""
    if not IN_PLACE & rules.keys():
        if "unevaluatedProperties" in rules:
            others = rules.pop("unevaluatedProperties")
            rules.setdefault("additionalProperties", others)
        if "unevaluatedItems" in rules and "contains" not in rules:
            others = rules.pop("unevaluatedItems")
            rules.setdefault("items", others)
    return rules
