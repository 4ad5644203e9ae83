"""What a JSON Schema must look like to be registered: the rules that keep a later validation local, bounded and linear.

The order matters. Size, depth and count come first, because they bound everything after them; the meta-schema comes
before the rules that look inside keywords, because those trust its shapes.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Final

from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json
from libs.contracts.schema_cost import expanded_cost, self_application
from libs.contracts.schema_graph import graph_of, weight_kept
from libs.contracts.schema_meta import meta_problems
from libs.contracts.schema_patterns import pattern_problem, patterns_of, reading_cost, running_cost
from libs.contracts.schema_shape import (
    DRAFT_7,
    DRAFT_2020_12,
    Subschema,
    all_schemas,
    anchors_of,
    child_pointer,
    draft_of,
    local_target,
)

MAX_SCHEMA_BYTES: Final = 64 * 1024
MAX_SCHEMA_DEPTH: Final = 32
MAX_SUBSCHEMAS: Final = 1_000
MAX_EXPANDED_COST: Final = 10_000
MAX_PROBLEMS: Final = 20
LEAST_DIVISOR: Final = 1e-9

_EXCERPT_CHARS = 60
_TOO_MANY_PATTERNS = "expected fewer or simpler patterns, but up to this one they cost too much"
_DYNAMIC = ("$dynamicRef", "$recursiveRef")


@dataclass(frozen=True)
class SchemaProblem:
    """One reason why a schema is not taken: the JSON pointer inside the schema ("" is its root) and a sentence."""

    path: str
    sentence: str


def check_schema(schema: Json) -> list[SchemaProblem]:
    """Why `schema` cannot be registered, at most twenty reasons; empty when it can."""
    if not isinstance(schema, dict):
        return [SchemaProblem("", "expected a JSON Schema object, but it is none")]
    stages: tuple[Callable[[JsonObject], Iterator[SchemaProblem]], ...] = (
        _size_problems,
        _count_problems,
        _dialect_problems,
        _meta_problems,
        _inner_problems,
        _cost_problems,
    )
    for stage in stages:
        problems = [problem for _, problem in zip(range(MAX_PROBLEMS), stage(schema), strict=False)]
        if problems:
            return problems
    return []


def _size_problems(schema: JsonObject) -> Iterator[SchemaProblem]:
    deepest = _too_deep(schema)
    if deepest is not None:
        yield SchemaProblem(
            deepest, f"expected at most {MAX_SCHEMA_DEPTH} levels of nesting, but the schema goes on here"
        )
        return
    try:
        size = len(dump_json(schema))
    except InvalidJson as error:
        yield SchemaProblem("", f"expected a JSON value, but {error}")
        return
    if size > MAX_SCHEMA_BYTES:
        yield SchemaProblem("", f"expected a schema of at most {MAX_SCHEMA_BYTES} bytes, but it has {size}")


def _too_deep(schema: JsonObject) -> str | None:
    pending: list[tuple[Json, str, int]] = [(schema, "", 1)]
    while pending:
        value, pointer, depth = pending.pop()
        if depth > MAX_SCHEMA_DEPTH:
            return pointer
        members = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
        for key, member in members:
            if isinstance(member, dict | list):
                pending.append((member, child_pointer(pointer, key), depth + 1))
    return None


def _count_problems(schema: JsonObject) -> Iterator[SchemaProblem]:
    count = sum(1 for _ in all_schemas(schema))
    if count > MAX_SUBSCHEMAS:
        yield SchemaProblem("", f"expected at most {MAX_SUBSCHEMAS} schemas in one, but there are {count}")


def _dialect_problems(schema: JsonObject) -> Iterator[SchemaProblem]:
    if draft_of(schema) is None:
        yield SchemaProblem("/$schema", f"expected {DRAFT_2020_12} or {DRAFT_7}#, but it is another dialect")
    for one in all_schemas(schema):
        if isinstance(one.schema, dict):
            yield from _identity_problems(one.pointer, one.schema)


def _identity_problems(pointer: str, schema: JsonObject) -> Iterator[SchemaProblem]:
    identity = schema.get("$id")
    is_local = isinstance(identity, str) and (identity.startswith("#") or (not pointer and identity.startswith("urn:")))
    if identity is not None and not is_local:
        yield SchemaProblem(f"{pointer}/$id", "expected no $id, or a urn: at the root, but it is another")
    if pointer and "$schema" in schema:
        yield SchemaProblem(f"{pointer}/$schema", "expected $schema at the root only, but it is inside")
    for keyword in _DYNAMIC:
        if keyword in schema:
            yield SchemaProblem(f"{pointer}/{keyword}", f"expected $ref, but it is {keyword}")


def _meta_problems(schema: JsonObject) -> Iterator[SchemaProblem]:
    for path, sentence in meta_problems(schema):
        yield SchemaProblem(path, sentence)


def _inner_problems(schema: JsonObject) -> Iterator[SchemaProblem]:
    schemas = list(all_schemas(schema))
    anchors, pointers = anchors_of(schemas), {one.pointer for one in schemas}
    for one in schemas:
        if isinstance(one.schema, dict):
            yield from _reference_problems(one.pointer, one.schema, anchors, pointers)
    yield from _pattern_problems(schemas)
    yield from _divisor_problems(schemas)


def _reference_problems(
    pointer: str, schema: JsonObject, anchors: dict[str, str], pointers: set[str]
) -> Iterator[SchemaProblem]:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return
    if not reference.startswith("#"):
        yield SchemaProblem(f"{pointer}/$ref", "expected a reference inside this schema (#/…), but it leads out of it")
    elif local_target(reference, anchors) not in pointers:
        yield SchemaProblem(
            f"{pointer}/$ref",
            f"expected a reference to a schema of this document, but there is none at {_cut(reference)}",
        )


def _pattern_problems(schemas: list[Subschema]) -> Iterator[SchemaProblem]:
    """Each pattern is charged for before it is read; only one that was taken is measured."""
    load = 0
    for one in schemas:
        for path, pattern in patterns_of(one.pointer, one.schema) if isinstance(one.schema, dict) else ():
            load += 1 + reading_cost(pattern)
            sentence = _TOO_MANY_PATTERNS if load > MAX_EXPANDED_COST else pattern_problem(pattern)
            if sentence is None:
                load += running_cost(pattern)
            else:
                yield SchemaProblem(path, sentence)
            if sentence == _TOO_MANY_PATTERNS:
                return


def _divisor_problems(schemas: list[Subschema]) -> Iterator[SchemaProblem]:
    """A quotient of numbers that are far apart has hundreds of digits."""
    for one in schemas:
        divisor = one.schema.get("multipleOf") if isinstance(one.schema, dict) else None
        if isinstance(divisor, int | float) and divisor < LEAST_DIVISOR:
            path = child_pointer(one.pointer, "multipleOf")
            yield SchemaProblem(path, f"expected a divisor of at least {LEAST_DIVISOR:g}, but it is {divisor}")


def _cost_problems(schema: JsonObject) -> Iterator[SchemaProblem]:
    graph = graph_of(list(all_schemas(schema)), weight_kept)
    loop = self_application(graph)
    if loop is not None:
        yield SchemaProblem(loop, "expected a schema that comes to an end, but it applies itself to the same value")
        return
    cost = expanded_cost(graph)
    if cost > MAX_EXPANDED_COST:
        yield SchemaProblem(
            "",
            f"expected at most {MAX_EXPANDED_COST} parts when all references are written out, but there are {cost}",
        )


def _cut(text: str) -> str:
    return text if len(text) <= _EXCERPT_CHARS else text[:_EXCERPT_CHARS] + "…"
