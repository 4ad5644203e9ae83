"""A schema as the comparison reads it: only what asserts something, in the words of 2020-12, whichever draft it is in.

What an assertion means is what the validators of the gate do with it. So `format` is nothing, `dependencies` counts in
both drafts, and `contentEncoding` and `contentMediaType` count in draft 7.
"""

from collections.abc import Mapping
from dataclasses import dataclass, field
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


@dataclass(frozen=True)
class Rule:
    """One assertion: its value, and the pointer where it is written."""

    value: Json
    at: str


@dataclass(frozen=True)
class Node:
    """A schema inside a document. Two are equal when they are the same place of the same document."""

    document: Validators
    pointer: str
    schema: "JsonObject | bool" = field(compare=False)

    @cached_property
    def rules(self) -> Mapping[str, Rule]:
        """What this schema asserts, by keyword. Of `false` it is nothing: ask `is_false` first."""
        if isinstance(self.schema, bool):
            return {}
        if self.document.is_draft_7:
            return _of_draft_7(self.schema, self.pointer)
        return _closed_by_unevaluated(_written(self.schema, self.pointer, _DRAFT_2020_12))

    @property
    def is_false(self) -> bool:
        return self.schema is False

    def child(self, keyword: str) -> "Node | None":
        """The schema under a keyword that holds one."""
        rule = self.rules.get(keyword)
        return None if rule is None or isinstance(rule.value, list) else self._at(rule.at)

    def children(self, keyword: str) -> "list[Node]":
        """The schemas under a keyword that holds a list of them."""
        rule = self.rules.get(keyword)
        many = rule.value if rule is not None and isinstance(rule.value, list) else []
        return [self._at(child_pointer(rule.at, place)) for place in range(len(many))] if rule is not None else []

    def named(self, keyword: str) -> "dict[str, Node]":
        """The schemas under a keyword that holds them by name; lists of names among them are left out."""
        rule = self.rules.get(keyword)
        many = rule.value if rule is not None and isinstance(rule.value, dict) else {}
        if rule is None:
            return {}
        return {name: self._at(child_pointer(rule.at, name)) for name, one in many.items() if not isinstance(one, list)}

    def target(self) -> "Node | None":
        """What the `$ref` of this schema leads to."""
        rule = self.rules.get("$ref")
        pointer = self.document.target_of(rule.value) if rule is not None and isinstance(rule.value, str) else None
        return None if pointer is None else self._at(pointer)

    def _at(self, pointer: str) -> "Node":
        return Node(self.document, pointer, self.document.schema_at(pointer))


def root_of(document: Validators) -> Node:
    """The whole schema."""
    return Node(document, "", document.schema_at(""))


def _written(schema: JsonObject, pointer: str, keywords: frozenset[str]) -> dict[str, Rule]:
    rules = {name: Rule(value, child_pointer(pointer, name)) for name, value in schema.items() if name in keywords}
    for of_if in ("then", "else"):
        if "if" not in rules:
            rules.pop(of_if, None)
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
