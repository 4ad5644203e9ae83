"""Which row each node of a directed graph stands in: below everything that leads to it, by the longest way."""

from collections.abc import Iterable, Sequence

Pair = tuple[int, int]


def backward(count: int, pairs: Iterable[Pair], start: int) -> set[Pair]:
    """The edges that close a cycle, as a walk from `start` meets them; without these there is none. Loops count."""
    followers = successors(count, pairs)
    back: set[Pair] = set()
    open_, done = set[int](), set[int]()
    for first in [start, *range(count)]:
        stack = [] if first in done or not count else [(first, iter(followers[first]))]
        open_.update(node for node, _ in stack)
        while stack:
            node, rest = stack[-1]
            for target in rest:
                if target in open_:
                    back.add((node, target))
                elif target not in done:
                    open_.add(target)
                    stack.append((target, iter(followers[target])))
                    break
            else:
                stack.pop()
                open_.remove(node)
                done.add(node)
    return back


def longest_ways(count: int, pairs: Sequence[Pair]) -> list[int]:
    """For each node the number of edges on the longest way to it. Expects no cycles."""
    followers = successors(count, pairs)
    missing = [0] * count
    for _, target in pairs:
        missing[target] += 1
    rows = [0] * count
    ready = [node for node in range(count) if not missing[node]]
    for node in ready:  # grows while it is read
        for target in followers[node]:
            rows[target] = max(rows[target], rows[node] + 1)
            missing[target] -= 1
            if not missing[target]:
                ready.append(target)
    return rows


def successors(count: int, pairs: Iterable[Pair]) -> list[list[int]]:
    """The targets of each node's edges, in their order."""
    followers: list[list[int]] = [[] for _ in range(count)]
    for source, target in pairs:
        followers[source].append(target)
    return followers
