"""JSON Schemas as tables for a page: a row for each field, with its type in words."""

from collections.abc import Iterator
from typing import Final, cast

from libs.contracts.codec import Json, JsonObject, dump_json

_BOUNDS: Final = (
    ("minimum", "maximum", ""),
    ("exclusiveMinimum", "exclusiveMaximum", ""),
    ("minLength", "maxLength", " characters"),
    ("minItems", "maxItems", " items"),
)


def field_table(schema: JsonObject, *, with_bounds: bool = False) -> list[str]:
    """The lines of a table with the properties of an object schema, and an empty line after it."""
    fields = cast("dict[str, JsonObject]", schema.get("properties", {}))
    required = cast("list[str]", schema.get("required", []))
    rows = ["| field | type | | meaning |", "|---|---|---|---|"]
    for name, field in fields.items():
        need = "required" if name in required else _default(field)
        kind = type_in_words(field) + (bounds_in_words(field) if with_bounds else "")
        rows.append(f"| `{name}` | {kind} | {need} | {one_line(field.get('description', ''))} |")
    return [*rows, ""]


def parts_of(schema: JsonObject) -> list[str]:
    """A table for each object that the schema defines for its fields."""
    lines: list[str] = []
    for part, definition in cast("dict[str, JsonObject]", schema.get("$defs", {})).items():
        if "properties" in definition:
            told = f"**{part}.** {one_line(definition.get('description', ''))}".rstrip()
            lines += [told, "", *field_table(definition)]
    return lines


def type_in_words(field: JsonObject) -> str:
    """A field's type in words; null is left out, because it means the same as an absent field."""
    if "anyOf" in field:
        branches = cast("list[JsonObject]", field["anyOf"])
        return " or ".join(type_in_words(branch) for branch in branches if branch.get("type") != "null")
    if "$ref" in field:
        name = str(field["$ref"]).rsplit("/", 1)[-1]
        return "any JSON" if name == "JsonValue" else f"**{name}**"
    if "const" in field or "enum" in field:
        values = cast("list[Json]", field.get("enum", [field.get("const")]))
        return ", ".join(f"`{value}`" for value in values)
    if field.get("type") == "array":
        inner = [type_in_words(part) for part in cast("list[JsonObject]", field.get("prefixItems", []))]
        return f"[{', '.join(inner)}]" if inner else f"list of {type_in_words(cast(JsonObject, field['items']))}"
    if field.get("type") == "object" and isinstance(part := field.get("additionalProperties"), dict):
        return "object" if "$ref" in part else f"object of {type_in_words(part)}"
    return str(field.get("format", field.get("type", "any JSON")))


def bounds_in_words(field: JsonObject) -> str:
    """` (1 to 128 characters)`, or nothing where anything goes."""
    branches = cast("list[JsonObject]", field.get("anyOf", [field]))
    return next((words for branch in branches for words in _bounds(branch)), "")


def one_line(text: Json) -> str:
    """A text that fits into a cell."""
    return " ".join(str(text).split()).replace("|", "\\|")


def _bounds(field: JsonObject) -> Iterator[str]:
    for least, most, unit in _BOUNDS:
        low, high = field.get(least), field.get(most)
        if high is not None:
            yield f" ({f'up to {high}' if low is None else f'{low} to {high}'}{unit})"
        elif low is not None and not unit:
            yield f" (at least {low}{unit})"


def _default(field: JsonObject) -> str:
    value = field.get("default")
    return "optional" if value is None else f"default `{dump_json(value).decode()}`"
