"""One sentence per assertion of JSON Schema: what was expected, and what the value is, without repeating the value.

Values may be secrets, so that only their kind, their size and numbers are told.
"""

from collections.abc import Callable
from typing import Final

from libs.contracts.codec import InvalidJson, Json, dump_json

Sentence = Callable[[Json, Json], str]

_EXCERPT_CHARS = 80
_KINDS: Final = {
    str: "a string",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "an array",
    dict: "an object",
}


def kind_of(value: Json) -> str:
    """What a JSON value is: "an object", "null", …"""
    return _KINDS.get(type(value), "null")


def excerpt(value: Json) -> str:
    """The beginning of a value out of the schema, as JSON."""
    try:
        text = dump_json(value).decode("utf-8")
    except InvalidJson:
        return "…"
    return text if len(text) <= _EXCERPT_CHARS else text[:_EXCERPT_CHARS] + "…"


def _type(wanted: Json, value: Json) -> str:
    names = wanted if isinstance(wanted, list) else [wanted]
    return f"expected the type {' or '.join(str(name) for name in names)}, but it is {kind_of(value)}"


def _required(wanted: Json, value: Json) -> str:
    names: list[Json] = wanted if isinstance(wanted, list) else []
    missing = [name for name in names if isinstance(value, dict) and name not in value]
    return f"expected the properties {excerpt(names)}, but {excerpt(missing)} is missing"


def _size(value: Json) -> str:
    return f"it has {len(value)}" if isinstance(value, str | list | dict) else "it has another number"


def _number(value: Json) -> str:
    return f"it is {excerpt(value)}" if isinstance(value, int | float) else "it is none"


SENTENCES: Final[dict[str, Sentence]] = {
    "type": _type,
    "const": lambda wanted, value: f"expected {excerpt(wanted)}, but it is another value",
    "enum": lambda wanted, value: f"expected one of {excerpt(wanted)}, but it is another value",
    "required": _required,
    "minimum": lambda wanted, value: f"expected at least {excerpt(wanted)}, but {_number(value)}",
    "maximum": lambda wanted, value: f"expected at most {excerpt(wanted)}, but {_number(value)}",
    "exclusiveMinimum": lambda wanted, value: f"expected more than {excerpt(wanted)}, but {_number(value)}",
    "exclusiveMaximum": lambda wanted, value: f"expected less than {excerpt(wanted)}, but {_number(value)}",
    "multipleOf": lambda wanted, value: f"expected a multiple of {excerpt(wanted)}, but {_number(value)}",
    "minLength": lambda wanted, value: f"expected at least {excerpt(wanted)} characters, but {_size(value)}",
    "maxLength": lambda wanted, value: f"expected at most {excerpt(wanted)} characters, but {_size(value)}",
    "pattern": lambda wanted, value: f"expected text that matches {excerpt(wanted)}, but it does not",
    "minItems": lambda wanted, value: f"expected at least {excerpt(wanted)} items, but {_size(value)}",
    "maxItems": lambda wanted, value: f"expected at most {excerpt(wanted)} items, but {_size(value)}",
    "uniqueItems": lambda wanted, value: "expected items that differ from each other, but some are equal",
    "minProperties": lambda wanted, value: f"expected at least {excerpt(wanted)} properties, but {_size(value)}",
    "maxProperties": lambda wanted, value: f"expected at most {excerpt(wanted)} properties, but {_size(value)}",
    "dependentRequired": lambda wanted, value: (
        f"expected properties together as in {excerpt(wanted)}, but some are missing"
    ),
}
