"""The graph of a schema, with what each of its schemas costs: to keep, and to hold against a part of a value."""

from collections.abc import Callable, Iterator
from typing import Final

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_cost import Graph, applied_edges
from libs.contracts.schema_patterns import patterns_of, running_cost
from libs.contracts.schema_shape import Subschema, anchors_of, local_target, subschemas

_COMPARING: Final = 8
"""Of one member of a value with another, in small schemas."""
_DIVIDING: Final = 50
"""Of a number by a fraction."""
_FAR: Final = 1e30
_FAR_PARTS: Final = 20

Weigh = Callable[[JsonObject], int]


def graph_of(schemas: list[Subschema], weigh: Weigh) -> Graph:
    """What applies what inside one document. Its patterns and references were checked."""
    anchors = anchors_of(schemas)
    graph = Graph(weight={}, edges={})
    for one in schemas:
        inner: JsonObject = one.schema if isinstance(one.schema, dict) else {}
        reference = inner.get("$ref")
        target = local_target(reference, anchors) if isinstance(reference, str) else None
        graph.weight[one.pointer] = weigh(inner)
        graph.edges[one.pointer] = applied_edges(list(subschemas(inner, one.pointer)), target)
    return graph


def weight_kept(schema: JsonObject) -> int:
    """What one schema, without those inside it, adds to the size of the whole."""
    return 1 + sum(running_cost(pattern) for _, pattern in patterns_of("", schema))


def weight_held(schema: JsonObject) -> int:
    """What it costs to hold one schema, without those inside it, against a value: a small schema is 1."""
    weight = weight_kept(schema)
    if "const" in schema:
        weight += _COMPARING * _members(schema["const"])
    listed = schema.get("enum")
    if isinstance(listed, list) and any(isinstance(one, dict | list | float) for one in listed):
        weight += _COMPARING * sum(map(_members, listed))
    if isinstance(schema.get("multipleOf"), float):
        weight += _DIVIDING
    return weight + (_COMPARING if schema.get("uniqueItems") is True else 0)


def _members(value: Json) -> int:
    return sum(1 for _ in parts_of(value))


def parts_of(value: Json) -> Iterator[Json]:
    """A value and all that is inside it."""
    pending = [value]
    while pending:
        one = pending.pop()
        yield one
        if isinstance(one, dict):
            pending.extend(one.values())
        elif isinstance(one, list):
            pending.extend(one)


def work_of(value: Json) -> int:
    """How many parts a value has; a number with hundreds of digits counts as many."""
    return sum(_FAR_PARTS if isinstance(one, float) and abs(one) > _FAR else 1 for one in parts_of(value))
