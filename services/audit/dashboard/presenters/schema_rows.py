"""A JSON Schema as rows for people: what a field is called, of what type it is, and what else holds of it.

Pure, and harmless whatever stands in the schema: references are followed only within it and never round in a circle,
and neither depth nor length goes beyond what somebody reads. What has no words of its own is named, so that no rule is
left out in silence.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.presenters.schema_rules import cut, rules_of, type_of

MOST_ROWS: Final = 200
MOST_DEPTH: Final = 8
"""Levels of nesting; the API has the rest."""
MOST_CHARS: Final = 300
"""Of a description."""

ANY_NAME: Final = "(any other name)"
VALUE: Final = "(the value)"
WHOLE: Final = "(as a whole)"


@dataclass(frozen=True, slots=True)
class SchemaRow:
    """One line of the table. `depth` counts from 0."""

    name: str
    type: str
    rules: str
    description: str
    required: bool = False
    depth: int = 0


@dataclass(frozen=True, slots=True)
class _Spot:
    """A schema and where it stands: what it is called there, and which references led to it."""

    name: str
    schema: Json
    depth: int
    required: bool = False
    through: tuple[str, ...] = ()


def schema_rows(schema: JsonObject) -> Sequence[SchemaRow]:
    """The table; the fields of an object at the top stand at its left edge."""
    rows = _Walk(schema).table(_Spot(VALUE, schema, -1))
    found = [row for row, _ in zip(rows, range(MOST_ROWS + 1), strict=False)]
    top, rest = found[0], found[1:]
    if top.type in ("object", "any") and rest:
        wanted = [*rest, replace(top, name=WHOLE, depth=0)] if top.rules or top.description else rest
    else:
        wanted = [replace(row, depth=row.depth + 1) for row in found]
    if len(found) <= MOST_ROWS:
        return wanted
    return [*wanted[: MOST_ROWS - 1], SchemaRow("…", "", "", f"More than {MOST_ROWS} rows: the API has them all.")]


def resolved(root: JsonObject, schema: Json) -> Json:
    """The schema, or what it refers to within `root`, as far as that leads somewhere."""
    seen: list[str] = []
    while isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str) and reference not in seen:
        seen.append(reference)
        target = _target(root, reference)
        beside = {name: value for name, value in schema.items() if name != "$ref"}
        schema = {**target, **beside} if isinstance(target, dict) else beside
    return schema


@dataclass(frozen=True, slots=True)
class _Walk:
    """Goes through the schema, each row before those below it."""

    root: JsonObject

    def table(self, spot: _Spot) -> Iterator[SchemaRow]:
        schema, through = self._followed(spot)
        again = through is None
        description = "As above." if again else _text(schema, "description") or _text(schema, "title")
        kind = type_of(schema)
        yield SchemaRow(cut(spot.name), kind, rules_of(schema), description, spot.required, spot.depth)
        if through is None or not isinstance(schema, dict):
            return
        if spot.depth + 1 >= MOST_DEPTH:
            if any(True for _ in self._parts(schema, spot.depth, through)):
                yield SchemaRow("…", "", "", "Nested further: the API has it all.", depth=spot.depth + 1)
            return
        for part in self._parts(schema, spot.depth, through):
            yield from self.table(part)

    def _followed(self, spot: _Spot) -> tuple[Json, tuple[str, ...] | None]:
        """The schema with what it refers to, and the references so far; None where it refers to what it is part of."""
        schema, through = spot.schema, spot.through
        while isinstance(schema, dict) and isinstance(reference := schema.get("$ref"), str):
            target = _target(self.root, reference)
            beside = {name: value for name, value in schema.items() if name != "$ref"}
            whole = {**target, **beside} if isinstance(target, dict) else beside
            if isinstance(target, dict) and (reference in through or target is self.root):
                return {name: value for name, value in whole.items() if name != "$ref"}, None
            schema, through = whole, (*through, reference)
        return schema, through

    def _parts(self, schema: JsonObject, depth: int, through: tuple[str, ...]) -> Iterator[_Spot]:
        """What stands below: fields, items, and the shapes that it may have."""
        required = schema.get("required")
        needed = {name for name in required if isinstance(name, str)} if isinstance(required, list) else set()
        for name, part in _members(schema.get("properties")):
            yield _Spot(name, part, depth + 1, name in needed, through)
        for pattern, part in _members(schema.get("patternProperties")):
            yield _Spot(f"(a name like {pattern})", part, depth + 1, through=through)
        others = schema.get("additionalProperties")
        if isinstance(others, dict) and others:
            yield _Spot(ANY_NAME, others, depth + 1, through=through)
        yield from self._items(schema, depth, through)
        for keyword, word in (("allOf", "and"), ("anyOf", "or"), ("oneOf", "either")):
            shapes = _list(schema.get(keyword))
            if any(_is_worth_a_row(shape) for shape in shapes):
                for place, shape in enumerate(shapes, 1):
                    yield _Spot(f"({word} {place})", shape, depth + 1, through=through)

    def _items(self, schema: JsonObject, depth: int, through: tuple[str, ...]) -> Iterator[_Spot]:
        """The items of a list, where a row says more of them than the type of the list does."""
        items = schema.get("items")
        first = _list(schema.get("prefixItems")) or _list(items)
        for place, part in enumerate(first):
            yield _Spot(f"[{place}]", part, depth + 1, through=through)
        rest = schema.get("additionalItems") if isinstance(items, list) else items
        if isinstance(rest, dict) and (first or _is_worth_a_row(rest)):
            yield _Spot("[…]", rest, depth + 1, through=through)


def _is_worth_a_row(part: Json) -> bool:
    """Whether there is more to say than the type, which stands in the row above already."""
    return isinstance(part, dict) and bool(part.keys() - {"type"})


def _target(root: JsonObject, reference: str) -> Json:
    """What a pointer like `#/$defs/item` means; None for anything else, and for nothing."""
    found: Json = root
    if not reference.startswith("#") or (reference != "#" and not reference.startswith("#/")):
        return None
    for token in reference.split("/")[1:]:
        name = token.replace("~1", "/").replace("~0", "~")
        if isinstance(found, list) and name.isascii() and name.isdigit() and len(name) < 6:
            found = found[int(name)] if int(name) < len(found) else None
        else:
            found = found.get(name) if isinstance(found, dict) else None
    return found


def _members(value: Json) -> Iterator[tuple[str, Json]]:
    return iter(value.items() if isinstance(value, Mapping) else ())


def _list(value: Json) -> Sequence[Json]:
    return value if isinstance(value, list) else ()


def _text(schema: Json, name: str) -> str:
    value = schema.get(name) if isinstance(schema, dict) else None
    return cut(value, MOST_CHARS) if isinstance(value, str) else ""
