"""Questions about which step leads to which."""

from collections.abc import Mapping, Sequence

Edges = Mapping[str, Sequence[str]]


def reachable(start: str, edges: Edges) -> set[str]:
    """Every step that a run can come to."""
    seen = {start}
    waiting = [start]
    while waiting:
        for name in edges[waiting.pop()]:
            if name not in seen:
                seen.add(name)
                waiting.append(name)
    return seen


def repeatable(edges: Edges) -> set[str]:
    """Steps that a path can come to twice: those that lie on a cycle, and those behind one.

    What no cycle leads to can be peeled off from the front: steps without a predecessor, then their successors.
    """
    incoming = dict.fromkeys(edges, 0)
    for targets in edges.values():
        for name in targets:
            incoming[name] += 1
    peeled = [name for name, count in incoming.items() if count == 0]
    for name in peeled:  # grows while it is read
        for target in edges[name]:
            incoming[target] -= 1
            if incoming[target] == 0:
                peeled.append(target)
    return set(edges) - set(peeled)
