"""What a JSON Schema says of one value, in words: its type, and the rules beside it. Pure; any JSON will do."""

from collections.abc import Iterator
from typing import Final

from libs.contracts.codec import Json, JsonObject, dump_json

SHORT_CHARS: Final = 80
"""Of a name, a pattern or a value."""
MOST_LISTED: Final = 12
"""Of the values of an enum, and of names."""

_RANGES: Final = (
    ("minimum", "maximum", "", "{}"),
    ("exclusiveMinimum", "exclusiveMaximum", "exclusive ", "{}"),
    ("minLength", "maxLength", "", "{} characters"),
    ("minItems", "maxItems", "", "{} items"),
    ("minProperties", "maxProperties", "", "{} fields"),
)
_OPEN: Final = {
    "": ("at least", "at most"),
    "exclusive ": ("more than", "less than"),
}
_TEXTS: Final = {
    "format": "format {}",
    "pattern": "like {}",
    "multipleOf": "a multiple of {}",
    "contentMediaType": "content {}",
    "contentEncoding": "encoded as {}",
    "default": "default {}",
}
_SAID_ELSEWHERE: Final = frozenset(
    {
        *("type", "properties", "required", "items", "prefixItems", "patternProperties", "$ref", "title"),
        *("description", "$schema", "$id", "$defs", "definitions", "$comment", "examples", "anyOf", "oneOf", "allOf"),
        *("additionalProperties", "additionalItems", "enum", "const", "uniqueItems", "deprecated", "readOnly"),
        *(
            "writeOnly",
            "$anchor",
            "$vocabulary",
            *_TEXTS,
            *(name for low, high, _, _ in _RANGES for name in (low, high)),
        ),
    }
)
_KNOWN_MORE: Final = (
    *("if", "then", "else", "not", "contains", "minContains", "maxContains", "propertyNames", "dependentRequired"),
    *("dependentSchemas", "dependencies", "unevaluatedItems", "unevaluatedProperties", "$dynamicRef"),
)


def type_of(schema: Json) -> str:
    """`string`, `array of integer`, `string or null`, `one of 3`, `any`, `nothing`."""
    if schema is False:
        return "nothing"
    if not isinstance(schema, dict):
        return "any"
    declared = schema.get("type")
    names = [declared] if isinstance(declared, str) else declared if isinstance(declared, list) else []
    words = [_typed(cut(name, 20), schema) for name in names if isinstance(name, str)]
    return " or ".join(words[:7]) or _untyped(schema)


def rules_of(schema: Json) -> str:
    """Everything else that holds, with semicolons."""
    return "; ".join(_rules(schema)) if isinstance(schema, dict) else ""


def shown(value: Json) -> str:
    """A value of JSON on one line, cut where it gets long."""
    return cut(dump_json(value).decode())


def cut(text: str, most: int = SHORT_CHARS) -> str:
    """The text, with an ellipsis where it goes on."""
    return text if len(text) <= most else f"{text[: most - 1]}…"


def _typed(name: str, schema: JsonObject) -> str:
    items = schema.get("items")
    if name != "array" or not isinstance(items, dict):
        return name
    inner = items.get("type")
    return f"array of {cut(inner, 20)}" if isinstance(inner, str) else name


def _untyped(schema: JsonObject) -> str:
    if "const" in schema:
        return "constant"
    if isinstance(schema.get("enum"), list):
        return "enum"
    for keyword, word in (("oneOf", "one of {}"), ("anyOf", "any of {}"), ("allOf", "all of {}")):
        shapes = schema.get(keyword)
        if isinstance(shapes, list) and shapes:
            return _alternatives(shapes) or word.format(len(shapes))
    return "object" if isinstance(schema.get("properties"), dict) else "any"


def _alternatives(shapes: list[Json]) -> str:
    """`string or null`, where the shapes say no more than that."""
    plain = [shape.get("type") for shape in shapes if isinstance(shape, dict) and shape.keys() == {"type"}]
    names = [cut(name, 20) for name in plain if isinstance(name, str)]
    return " or ".join(names) if len(names) == len(shapes) <= MOST_LISTED else ""


def _rules(schema: JsonObject) -> Iterator[str]:
    if "const" in schema:
        yield f"is {shown(schema['const'])}"
    choices = schema.get("enum")
    if isinstance(choices, list):
        yield f"one of {_listed([shown(choice) for choice in choices[: MOST_LISTED + 1]], len(choices))}"
    for low, high, kind, unit in _RANGES:
        yield from _range(schema.get(low), schema.get(high), kind, unit)
    if schema.get("uniqueItems") is True:
        yield "no item twice"
    for keyword, words in _TEXTS.items():
        if keyword in schema:
            value = schema[keyword]
            yield words.format(cut(value) if isinstance(value, str) and keyword != "default" else shown(value))
    if schema.get("additionalProperties") is False:
        yield "no other fields"
    for keyword, words in (("deprecated", "deprecated"), ("readOnly", "read only"), ("writeOnly", "write only")):
        if schema.get(keyword) is True:
            yield words
    yield from _further(schema)


def _range(low: Json, high: Json, kind: str, unit: str) -> Iterator[str]:
    least, most = _OPEN[kind]
    if isinstance(low, int | float) and isinstance(high, int | float) and not kind:
        yield unit.format(shown(low) if low == high else f"{shown(low)} to {shown(high)}")
        return
    if isinstance(low, int | float):
        yield f"{least} {unit.format(shown(low))}"
    if isinstance(high, int | float):
        yield f"{most} {unit.format(shown(high))}"


def _further(schema: JsonObject) -> Iterator[str]:
    """Rules that no table can show, by their keywords; and what is no keyword of ours, which is a note at most."""
    found = [keyword for keyword in _KNOWN_MORE if keyword in schema]
    if found:
        yield f"further rules: {', '.join(found)}"
    notes = [cut(name, 40) for name in schema if name not in _SAID_ELSEWHERE and name not in _KNOWN_MORE]
    if notes:
        yield f"notes: {_listed(notes[: MOST_LISTED + 1], len(notes))}"


def _listed(texts: list[str], count: int) -> str:
    more = f", … ({count} in all)" if count > MOST_LISTED else ""
    return ", ".join(texts[:MOST_LISTED]) + more
