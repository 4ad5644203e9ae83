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
    group: str = ""
    """Edges of one group lead to schemas that are for different parts of the value."""


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


@dataclass
class _Load:
    """What a schema asks of the value itself, and the most that it asks of one of its parts."""

    on_value: int
    on_part: int

    @property
    def most(self) -> int:
        return max(self.on_value, self.on_part)


def heaviest_load(graph: Graph) -> int:
    """The most that the root asks of any one part of a value, in units of a small schema."""
    loads: dict[str, _Load] = {}
    opened: set[str] = set()
    stack = [("", False)]
    while stack:
        pointer, is_done = stack.pop()
        if is_done:
            loads[pointer] = _load_of(graph, pointer, loads)
        elif pointer not in opened:
            opened.add(pointer)
            stack.append((pointer, True))
            stack.extend((edge.target, False) for edge in graph.edges.get(pointer, []))
    return loads[""].most


def _load_of(graph: Graph, pointer: str, loads: dict[str, _Load]) -> _Load:
    """From the loads of what is applied. A schema that is not done yet leads back to here, and counts once."""
    load, listed = _Load(graph.weight.get(pointer, 1), 0), dict[str, int]()
    for edge in graph.edges.get(pointer, []):
        inner = loads.get(edge.target, _Load(graph.weight.get(edge.target, 1), 0))
        if edge.in_place:
            load.on_value += inner.on_value
            load.on_part += inner.on_part
        elif edge.group:
            listed[edge.group] = max(listed.get(edge.group, 0), inner.most)
        else:
            load.on_part += inner.most
    load.on_part += sum(listed.values())
    return load


def applied_edges(children: list[Subschema], reference: str | None) -> list[Edge]:
    """The edges of one schema: its children that are applied, and what its `$ref` leads to."""
    edges = [
        Edge(one.pointer, one.applies is Applies.IN_PLACE, one.keyword if one.is_listed else "") for one in children
    ]
    used = [edge for edge, one in zip(edges, children, strict=True) if one.applies is not Applies.WHEN_NAMED]
    return used + ([Edge(reference, True)] if reference is not None else [])
