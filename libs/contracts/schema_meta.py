"""Whether a schema is one at all, by the meta-schema of its draft, in words that a person can act on."""

from collections.abc import Iterator
from itertools import islice
from typing import Final

import jsonschema_rs

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_shape import DRAFT_7, DRAFT_2020_12, all_schemas, child_pointer, draft_of

_MAX_ERRORS = 10
_MESSAGE_END_CHARS = 100
_NAME_LISTS: Final = ("required", "type")
_TYPES: Final = ("null", "boolean", "object", "array", "number", "integer", "string")
_META: Final = {
    DRAFT_2020_12: jsonschema_rs.Draft202012Validator({"$ref": DRAFT_2020_12}),
    DRAFT_7: jsonschema_rs.Draft7Validator({"$ref": f"{DRAFT_7}#"}),
}
"""The meta-schemas come with the library."""


def meta_problems(schema: JsonObject) -> Iterator[tuple[str, str]]:
    """The pointer and the sentence of what the meta-schema holds against `schema`; nothing when it is a schema."""
    if jsonschema_rs.meta.is_valid(schema):
        return
    plain = list(_name_list_problems(schema))
    if plain:
        yield from plain
        return
    told: set[str] = set()
    for error in islice(_META[draft_of(schema) or DRAFT_2020_12].iter_errors(schema), _MAX_ERRORS):
        path = child_pointer("", *error.instance_path)
        if path not in told:
            told.add(path)
            yield path, f"expected a JSON Schema, but {_shortened(error.message)}"


def _shortened(message: str) -> str:
    """The message begins with the value at fault and ends with what is wrong with it: both ends are kept."""
    if len(message) <= 2 * _MESSAGE_END_CHARS:
        return message
    return f"{message[:_MESSAGE_END_CHARS]} … {message[-_MESSAGE_END_CHARS:]}"


def _name_list_problems(schema: JsonObject) -> Iterator[tuple[str, str]]:
    """Lists of names that hold anything else, told apart first: comparing their members pairwise takes for ever."""
    for one in all_schemas(schema):
        if not isinstance(one.schema, dict):
            continue
        for keyword, value in _name_lists(one.schema):
            if isinstance(value, list) and not all(isinstance(name, str) for name in value):
                yield child_pointer(one.pointer, *keyword), "expected a list of names, but it holds something else"
        if not _names_types(one.schema.get("type", "null")):
            yield child_pointer(one.pointer, "type"), f"expected one or more of {', '.join(_TYPES)}, but it is another"


def _names_types(value: Json) -> bool:
    return all(name in _TYPES for name in value) if isinstance(value, list) else value in _TYPES


def _name_lists(schema: JsonObject) -> Iterator[tuple[tuple[str, ...], Json]]:
    yield from (((keyword,), schema.get(keyword)) for keyword in _NAME_LISTS)
    for keyword in ("dependentRequired", "dependencies"):
        members = schema.get(keyword)
        if isinstance(members, dict):
            yield from (((keyword, name), value) for name, value in members.items())
