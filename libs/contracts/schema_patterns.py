"""Regular expressions of schemas: which may be registered, and what they cost.

The engine is linear in the text and small. What is left to bound is the work before it runs: a pattern is read in a
time that grows with its escapes times its length, and groups that ignore the case of large classes take seconds.
"""

import re
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

import jsonschema_rs

from libs.contracts.codec import JsonObject
from libs.contracts.schema_shape import child_pointer

MAX_PATTERN_CHARS: Final = 4_096
PATTERN_TIERS: Final = (4 * 1024, 16 * 1024, 64 * 1024, 128 * 1024)
PATTERN_DFA_BYTES: Final = 1024 * 1024

_COST_PER_BYTE: Final = 1 / 256
_COST_PER_READ: Final = 1 / 25
_ESCAPED: Final = re.compile(r"\\.", re.DOTALL)
_FLAGS: Final = re.compile(r"\(\?[^:=!<P]")
_EXCERPT_CHARS = 60


def pattern_options(size_bytes: int = PATTERN_TIERS[-1]) -> jsonschema_rs.RegexOptions:
    """The engine that runs every pattern: linear in the text, and small."""
    return jsonschema_rs.RegexOptions(size_limit=size_bytes, dfa_size_limit=PATTERN_DFA_BYTES)


def patterns_of(pointer: str, schema: JsonObject) -> Iterator[tuple[str, str]]:
    """The regular expressions directly in `schema`, each with its pointer."""
    pattern, keyed = schema.get("pattern"), schema.get("patternProperties")
    if isinstance(pattern, str):
        yield child_pointer(pointer, "pattern"), pattern
    if isinstance(keyed, dict):
        for key in keyed:
            yield child_pointer(pointer, "patternProperties", key), key


def pattern_problem(pattern: str) -> str | None:
    """Why a pattern is not taken; None when it is."""
    if len(pattern) > MAX_PATTERN_CHARS:
        return f"expected a pattern of at most {MAX_PATTERN_CHARS} characters, but it has {len(pattern)}"
    if _has_flags(pattern):
        return f"expected a pattern without flags like (?i), but it is {_cut(pattern)}"
    if pattern_bytes(pattern) is None:
        return (
            "expected a pattern that a linear-time engine can run in 128 KiB (no look-around, no back-references, "
            f"no large counts), but it is {_cut(pattern)}"
        )
    return None


def reading_cost(pattern: str) -> int:
    """What it costs to find out, in parts of a schema."""
    return 0 if len(pattern) > MAX_PATTERN_CHARS else int(len(pattern) * pattern.count("\\") * _COST_PER_READ)


def running_cost(pattern: str) -> int:
    """What it costs to run a pattern that was taken, in parts of a schema."""
    return int((pattern_bytes(pattern) or 0) * _COST_PER_BYTE)


@lru_cache(maxsize=1024)
def pattern_bytes(pattern: str) -> int | None:
    """The smallest of the allowed sizes that the compiled pattern fits in; None when it fits in none."""
    smallest, *others = PATTERN_TIERS
    if _compiles(pattern, smallest):
        return smallest
    if not _compiles(pattern, others[-1]):
        return None
    return next(size for size in others if _compiles(pattern, size))


def _compiles(pattern: str, size_bytes: int) -> bool:
    try:
        jsonschema_rs.Draft202012Validator({"pattern": pattern}, pattern_options=pattern_options(size_bytes))
    except ValueError:
        return False
    return True


def _has_flags(pattern: str) -> bool:
    """Whether a group changes how the rest is read, which JSON Schema does not know."""
    return _FLAGS.search(_ESCAPED.sub("", pattern)) is not None


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT_CHARS else text[:_EXCERPT_CHARS] + "…"
