"""The one JSON reader and writer. Every byte string from outside goes through `parse_json`.

Stricter than the standard library, because the bytes that were validated are the bytes that are stored, signed and
sent: what is read can be written again. NaN, Infinity and numbers that overflow, duplicate keys, absurd nesting and the
character U+0000, which PostgreSQL cannot hold, are refused.
"""

from collections.abc import Iterator
from math import isfinite
from typing import Final, TypeAlias, cast

import jiter
import orjson
from pydantic import BaseModel

Json: TypeAlias = bool | int | float | str | list["Json"] | dict[str, "Json"] | None
JsonObject: TypeAlias = dict[str, Json]

MAX_DEPTH: Final = 128
"""Nesting of what comes from outside. An event around it nests a little deeper, and must still be read at 200."""

_LEAST_INTEGER: Final = -(1 << 63)
_MOST_INTEGER: Final = (1 << 64) - 1
_AS_ZEROS: Final = bytes.maketrans(b"123456789E", b"000000000e")
_LARGE: Final = (b"0e000", b"0e+000", b"0" * 19)
_BEFORE_A_NUMBER: Final = b":,[ \n\r\t"
"""Nothing is in it too: what begins with the number, or is all of it that is looked at."""
_LONGEST_NUMBER: Final = 64
_LOOKED_AT: Final = 8
"""Marks: a document with more of them is read number by number."""


class InvalidJson(ValueError):
    """The bytes are not JSON as Mobius reads it; the message says where."""


def parse_json(raw: bytes) -> Json:
    """Reads UTF-8 JSON. Raises `InvalidJson` for anything that is not one JSON document that can be written again."""
    value = parse_own_json(raw)
    if b"\\u0000" in raw or raw.count(b"[") + raw.count(b"{") > MAX_DEPTH:
        _refuse_unwritable(value)
    else:
        refuse_overflow(raw, value)
    return value


def parse_own_json(raw: bytes) -> Json:
    """Reads JSON that Mobius wrote, whose values passed `parse_json` before: the same syntax at half the cost."""
    try:
        return cast(Json, jiter.from_json(raw, allow_inf_nan=False, catch_duplicate_keys=True, partial_mode=False))
    except ValueError as error:
        raise InvalidJson(str(error)) from None


def refuse_overflow(raw: bytes, value: Json) -> None:
    """Raises `InvalidJson` if `value`, read from `raw`, holds a number that could be read, but not be written again."""
    if _may_overflow(raw):
        for level in _levels(value):
            for one in level:
                _refuse_number(one)


def dump_json(value: object) -> bytes:
    """Writes compact UTF-8 JSON; integers and floats stay apart. Raises `InvalidJson` for what JSON cannot hold here
    (integers past 64 bits, non-string keys, lone surrogates)."""
    try:
        return orjson.dumps(value, default=_dump_model)
    except TypeError as error:
        raise InvalidJson(str(error)) from None


def indent_json(value: Json) -> str:
    """The same for people: a line for each member, two spaces a level."""
    return orjson.dumps(value, option=orjson.OPT_INDENT_2).decode()


def raw_json(encoded: bytes) -> orjson.Fragment:
    """Already encoded JSON, to be embedded by `dump_json` as it is."""
    return orjson.Fragment(encoded)


def _may_overflow(raw: bytes) -> bool:
    """Whether some number could have 19 digits or an exponent of three. Hashes often look like one, but such a text
    begins with a quotation mark."""
    zeros = raw.translate(_AS_ZEROS)
    return any(mark in zeros and _in_a_number(zeros, mark) for mark in _LARGE)


def _in_a_number(zeros: bytes, mark: bytes) -> bool:
    place = -1
    for _ in range(_LOOKED_AT):
        place = zeros.find(mark, place + 1)
        if place < 0:
            return False
        before = zeros[max(place - _LONGEST_NUMBER, 0) : place].rstrip(b"0.").removesuffix(b"-")
        if before[-1:] in _BEFORE_A_NUMBER:
            return True
    return True


def _refuse_unwritable(value: Json) -> None:
    """Raises `InvalidJson` for a number, a string or a nesting that is JSON, but cannot be kept."""
    depth = 0
    for level in _levels(value):
        for one in level:
            _refuse_number(one)
            if isinstance(one, str) and "\0" in one:
                raise InvalidJson("string with the character U+0000, which cannot be stored")
        depth += any(isinstance(one, (list, dict)) for one in level)
    if depth > MAX_DEPTH:
        raise InvalidJson(f"nested {depth} levels deep, where at most {MAX_DEPTH} are read")


def _levels(value: Json) -> Iterator[list[Json]]:
    level = [value]
    while level:
        yield level
        level = [part for one in level for part in _parts(one)]


def _parts(value: Json) -> list[Json]:
    if isinstance(value, dict):
        return [*value, *value.values()]
    return value if isinstance(value, list) else []


def _refuse_number(value: Json) -> None:
    if isinstance(value, float) and not isfinite(value):
        raise InvalidJson("number out of the range of a double")
    if isinstance(value, int) and not _LEAST_INTEGER <= value <= _MOST_INTEGER:
        raise InvalidJson("integer past 64 bits")


def _dump_model(value: object) -> object:
    if isinstance(value, BaseModel):
        return orjson.Fragment(value.model_dump_json(exclude_none=True))
    raise TypeError(f"expected a JSON value, but got {type(value).__name__}")
