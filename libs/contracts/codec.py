"""The one JSON reader and writer. Every byte string from outside goes through `parse_json`.

Stricter than the standard library: NaN and Infinity, duplicate keys and absurd nesting are refused, because the bytes
that were validated are the bytes that are stored, signed and sent.
"""

from typing import TypeAlias, cast

import jiter
import orjson
from pydantic import BaseModel

JsonObject: TypeAlias = "dict[str, Json]"
Json: TypeAlias = "None | bool | int | float | str | list[Json] | JsonObject"


class InvalidJson(ValueError):
    """The bytes are not JSON as Mobius reads it; the message says where."""


def parse_json(raw: bytes) -> Json:
    """Reads UTF-8 JSON. Raises `InvalidJson` for anything that is not one JSON document."""
    try:
        return cast(Json, jiter.from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True, partial_mode=False))
    except ValueError as error:
        raise InvalidJson(str(error)) from None


def dump_json(value: object) -> bytes:
    """Writes compact UTF-8 JSON; integers and floats stay apart. Raises `InvalidJson` for what JSON cannot hold here
    (integers past 64 bits, non-string keys, lone surrogates)."""
    try:
        return orjson.dumps(value, default=_dump_model)
    except TypeError as error:
        raise InvalidJson(str(error)) from None


def raw_json(encoded: bytes) -> orjson.Fragment:
    """Already encoded JSON, to be embedded by `dump_json` as it is."""
    return orjson.Fragment(encoded)


def _dump_model(value: object) -> object:
    if isinstance(value, BaseModel):
        return orjson.Fragment(value.model_dump_json(exclude_none=True))
    raise TypeError(f"expected a JSON value, but got {type(value).__name__}")
