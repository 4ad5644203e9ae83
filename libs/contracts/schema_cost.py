"""What a value may have to go through: the size of a schema with every `$ref` written out.

Twenty-four definitions that each refer twice to the next are half a page of schema and sixteen million evaluations. A
reference that leads back to itself counts once per turn, because the validator remembers what it has already seen;
a turn that never moves into a part of the value is no schema at all.
"""

from dataclasses import dataclass, field

from libs.contracts.schema_shape import Applies, Subschema


@dataclass(frozen=True)
class Edge:
    """From a schema to one that it applies."""

    target: str
    in_place: bool


@dataclass(frozen=True)
class Graph:
    """What applies what, by pointer: `weight` is a schema's own cost, `edges` the schemas that it applies."""

    weight: dict[str, int]
    edges: dict[str, list[Edge]]


@dataclass
class _Walk:
    graph: Graph
    follow_parts: bool
    cost: dict[str, int] = field(default_factory=dict)
    open: set[str] = field(default_factory=set)
    loop: str | None = None

    def visit(self, start: str) -> int:
        """Post-order without recursion: a schema's cost is its own weight and that of all it applies."""
        stack = [(start, False)]
        while stack:
            pointer, is_done = stack.pop()
            if is_done:
                self.open.discard(pointer)
                self.cost[pointer] = self._total(pointer)
            elif pointer in self.cost:
                continue
            elif pointer in self.open:
                self.loop = self.loop or pointer
            else:
                self.open.add(pointer)
                stack.append((pointer, True))
                stack.extend((target, False) for target in self._targets(pointer))
        return self.cost[start]

    def _targets(self, pointer: str) -> list[str]:
        edges = self.graph.edges.get(pointer, [])
        return [edge.target for edge in edges if edge.in_place or self.follow_parts]

    def _total(self, pointer: str) -> int:
        return self.graph.weight.get(pointer, 1) + sum(self.cost.get(target, 1) for target in self._targets(pointer))


def self_application(graph: Graph) -> str | None:
    """The pointer of a schema that applies itself to the very same value, so that it never ends; None without one."""
    walk = _Walk(graph, follow_parts=False)
    for pointer in graph.weight:
        walk.visit(pointer)
    return walk.loop


def expanded_cost(graph: Graph) -> int:
    """The cost of the root with every reference written out once."""
    return _Walk(graph, follow_parts=True).visit("")


def applied_edges(children: list[Subschema], reference: str | None) -> list[Edge]:
    """The edges of one schema: its children that are applied, and what its `$ref` leads to."""
    edges = [Edge(one.pointer, one.applies is Applies.IN_PLACE) for one in children]
    used = [edge for edge, one in zip(edges, children, strict=True) if one.applies is not Applies.WHEN_NAMED]
    return used + ([Edge(reference, True)] if reference is not None else [])
