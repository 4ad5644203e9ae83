"""Where a JSON Schema keeps its subschemas: the two drafts that Mobius takes, as tables, and the walk over them."""

from collections.abc import Iterator
from dataclasses import dataclass
from enum import Enum
from typing import Final
from urllib.parse import unquote

from libs.contracts.codec import Json, JsonObject

DRAFT_2020_12: Final = "https://json-schema.org/draft/2020-12/schema"
DRAFT_7: Final = "http://json-schema.org/draft-07/schema"


class Applies(Enum):
    """To what a subschema is applied: the same value, a part of the value, or nothing until it is referred to."""

    IN_PLACE = "in_place"
    TO_PART = "to_part"
    WHEN_NAMED = "when_named"


ONE: Final = {
    "not": Applies.IN_PLACE,
    "if": Applies.IN_PLACE,
    "then": Applies.IN_PLACE,
    "else": Applies.IN_PLACE,
    "additionalProperties": Applies.TO_PART,
    "propertyNames": Applies.TO_PART,
    "contains": Applies.TO_PART,
    "items": Applies.TO_PART,
    "additionalItems": Applies.TO_PART,
    "unevaluatedItems": Applies.TO_PART,
    "unevaluatedProperties": Applies.TO_PART,
    "contentSchema": Applies.WHEN_NAMED,
}
LISTS: Final = {
    "allOf": Applies.IN_PLACE,
    "anyOf": Applies.IN_PLACE,
    "oneOf": Applies.IN_PLACE,
    "prefixItems": Applies.TO_PART,
    "items": Applies.TO_PART,
}
MAPS: Final = {
    "dependentSchemas": Applies.IN_PLACE,
    "dependencies": Applies.IN_PLACE,
    "properties": Applies.TO_PART,
    "patternProperties": Applies.TO_PART,
    "$defs": Applies.WHEN_NAMED,
    "definitions": Applies.WHEN_NAMED,
}
LISTED: Final = frozenset({"properties", "prefixItems", "items"})
"""Of the schemas under these, at most one is applied to any part of the value."""


@dataclass(frozen=True)
class Subschema:
    """One schema inside another: how it is reached, under which keyword, and the schema (an object or a boolean)."""

    pointer: str
    applies: Applies
    schema: "JsonObject | bool"
    keyword: str = ""

    @property
    def is_listed(self) -> bool:
        """Whether its siblings under the keyword are for other parts of the value: other names, other places."""
        return self.keyword in LISTED and self.applies is Applies.TO_PART


def draft_of(schema: JsonObject) -> str | None:
    """The draft that a root schema is written in; 2020-12 when it does not say, None when it is neither of the two."""
    declared = schema.get("$schema", DRAFT_2020_12)
    name = declared.removesuffix("#") if isinstance(declared, str) else ""
    return name if name in (DRAFT_2020_12, DRAFT_7) else None


def child_pointer(pointer: str, *tokens: str | int) -> str:
    """The JSON pointer one or more steps below `pointer`."""
    escaped = (str(token).replace("~", "~0").replace("/", "~1") for token in tokens)
    return "/".join((pointer, *escaped))


def subschemas(schema: JsonObject, pointer: str) -> Iterator[Subschema]:
    """The schemas directly inside `schema`, in its order."""
    for keyword, value in schema.items():
        if isinstance(value, dict | bool) and keyword in ONE:
            yield Subschema(child_pointer(pointer, keyword), ONE[keyword], value, keyword)
        elif isinstance(value, list) and keyword in LISTS:
            yield from _each(pointer, keyword, LISTS[keyword], dict(enumerate(value)))
        elif isinstance(value, dict) and keyword in MAPS:
            yield from _each(pointer, keyword, MAPS[keyword], value)


def _each(pointer: str, keyword: str, applies: Applies, members: "dict[int, Json] | JsonObject") -> Iterator[Subschema]:
    for key, member in members.items():
        if isinstance(member, dict | bool):
            yield Subschema(child_pointer(pointer, keyword, key), applies, member, keyword)


def all_schemas(root: JsonObject) -> Iterator[Subschema]:
    """The root itself and every schema below it, parents first. The depth must have been checked before."""
    pending = [Subschema("", Applies.IN_PLACE, root)]
    while pending:
        current = pending.pop()
        yield current
        if isinstance(current.schema, dict):
            pending.extend(subschemas(current.schema, current.pointer))


def local_target(reference: str, anchors: dict[str, str]) -> str | None:
    """The pointer that a `$ref` inside one document names (`#`, `#/…`, `#anchor`); None when it leaves the document."""
    if not reference.startswith("#"):
        return None
    fragment = reference[1:]
    if not fragment or fragment.startswith("/"):
        return _percent_decoded(fragment)
    return anchors.get(fragment)


def _percent_decoded(fragment: str) -> str | None:
    try:
        return unquote(fragment, errors="strict")
    except UnicodeDecodeError:
        return None


def anchors_of(schemas: list[Subschema]) -> dict[str, str]:
    """Every `$anchor` (and draft 7's `$id: "#name"`) with the pointer of its schema."""
    found: dict[str, str] = {}
    for one in schemas:
        if isinstance(one.schema, dict):
            anchor, identity = one.schema.get("$anchor"), one.schema.get("$id")
            if isinstance(anchor, str):
                found.setdefault(anchor, one.pointer)
            elif isinstance(identity, str) and identity.startswith("#"):
                found.setdefault(identity[1:], one.pointer)
    return found
