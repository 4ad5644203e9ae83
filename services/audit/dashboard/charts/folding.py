"""Which steps of a large flow become one node, so that no picture has more nodes and links than the limits.

Chains first, then alternatives side by side, again while that helps; what is still too much is cut. Each pass looks at
every link once.
"""

from collections import defaultdict, deque
from collections.abc import Collection, Iterator, Mapping, Sequence
from functools import lru_cache

from services.audit.dashboard.charts.flow import Flow
from services.audit.dashboard.charts.picture import Picture, folded, unfolded

NODES_DRAWN = 150
LINKS_DRAWN = 400
"""Between nodes that are drawn; the node of the steps that are not may add two for each of them and kind."""
STEPS_APART = 20
"""Of those that somebody looks for, such as a failed one in a chain of thousands; each may cut a chain into two."""
FOLD_FROM = 3
"""Steps: a node for two would say less and take hardly less room."""
PASSES = 6
KEPT = 8
"""Large flows of which the beginning is kept."""

Fold = Sequence[int]


def picture_of(flow: Flow, sought: Collection[str] = (), most_nodes: int = NODES_DRAWN) -> Picture:
    """Nodes and links within the limits. `sought` are the steps that had better be seen by themselves."""
    if len(flow.steps) > most_nodes:
        picture = _shrunk(*_beginning(flow), _first(flow, sought), most_nodes)
    else:
        picture = unfolded(flow)
    if len(picture.groups) > most_nodes or len(picture.links) > LINKS_DRAWN:
        picture = folded(picture, [_rest(picture, _first(flow, sought), most_nodes)], "rest")
    return picture


@lru_cache(maxsize=KEPT)
def _beginning(flow: Flow) -> tuple[Picture, Mapping[int, int]]:
    """Every step by itself, and what follows it: most of the work, and the same whatever is sought."""
    picture = unfolded(flow)
    return picture, _followers(picture)


def _first(flow: Flow, sought: Collection[str]) -> frozenset[str]:
    return frozenset([name for name in flow.steps if name in sought][:STEPS_APART]) if sought else frozenset()


def _shrunk(picture: Picture, follower: Mapping[int, int], apart: frozenset[str], most_nodes: int) -> Picture:
    for _ in range(PASSES):
        before = len(picture.groups)
        picture = folded(picture, list(_chains(picture, follower, apart)), "chain")
        picture = folded(picture, list(_alternatives(picture, apart)), "parallel")
        if not most_nodes < len(picture.groups) < before:
            break
        follower = _followers(picture)
    return picture


def _chains(picture: Picture, follower: Mapping[int, int], apart: frozenset[str]) -> Iterator[Fold]:
    """Nodes of which each follows the one before, without those that must not be folded."""
    if alone := _alone(picture, apart):
        follower = {node: after for node, after in follower.items() if node not in alone and after not in alone}
    followers = set(follower.values())
    for node in follower:
        if node not in followers:
            chain = [node]
            while chain[-1] in follower:
                chain.append(follower[chain[-1]])
            if _steps(picture, chain) >= FOLD_FROM:
                yield chain


def _followers(picture: Picture) -> Mapping[int, int]:
    """To each node the one that is all that comes after it, if that has no other before it, and their errors lead to
    the same places."""
    outgoing, incoming = [0] * len(picture.groups), [0] * len(picture.groups)
    for source, target, kind, _ in picture.links:
        outgoing[source] += kind == "next"
        incoming[target] += 1
    errors: dict[int, set[int]] = defaultdict(set)
    for link in picture.links:
        if link.kind == "catch":
            errors[link.source].add(link.target)
    return {
        source: target
        for source, target, kind, label in picture.links
        if kind == "next"
        and not label
        and outgoing[source] == incoming[target] == 1
        and target not in (source, picture.start)
        and errors.get(source) == errors.get(target)
    }


def _alternatives(picture: Picture, apart: frozenset[str]) -> Iterator[Fold]:
    """Nodes that come from the same places and lead to the same places."""
    around: list[set[tuple[int, str]]] = [set() for _ in picture.groups]
    for source, target, kind, _ in picture.links:
        around[source].add((target, kind))
        around[target].add((~source, kind))
    alike: dict[frozenset[tuple[int, str]], list[int]] = defaultdict(list)
    alone = _alone(picture, apart) | {picture.start}
    for node, neighbours in enumerate(around):
        if neighbours and node not in alone:
            alike[frozenset(neighbours)].append(node)
    return (nodes for nodes in alike.values() if len(nodes) > 1 and _steps(picture, nodes) >= FOLD_FROM)


def _steps(picture: Picture, nodes: Fold) -> int:
    return sum(len(picture.groups[node].names) for node in nodes)


def _alone(picture: Picture, apart: frozenset[str]) -> frozenset[int]:
    """Nodes that must not be folded."""
    if not apart:
        return frozenset()
    return frozenset(node for node, group in enumerate(picture.groups) if not apart.isdisjoint(group.names))


def _rest(picture: Picture, apart: frozenset[str], most_nodes: int) -> Fold:
    """The nodes that are not drawn: those sought go first, then those near the start, while the links stay few."""
    outgoing, touching = _links_by_node(picture)
    shown: set[int] = set()
    links = 0
    for node in [*sorted(_alone(picture, apart)), *_by_distance(picture, outgoing)]:
        added = sum(1 for other in touching[node] if other in shown or other == node)
        if node not in shown and links + added <= LINKS_DRAWN and len(shown) < most_nodes - 1:
            shown.add(node)
            links += added
    return [node for node in range(len(picture.groups)) if node not in shown]


def _links_by_node(picture: Picture) -> tuple[list[list[int]], list[list[int]]]:
    outgoing: list[list[int]] = [[] for _ in picture.groups]
    touching: list[list[int]] = [[] for _ in picture.groups]
    for source, target, _, _ in picture.links:
        outgoing[source].append(target)
        touching[source].append(target)
        if source != target:
            touching[target].append(source)
    return outgoing, touching


def _by_distance(picture: Picture, outgoing: list[list[int]]) -> Iterator[int]:
    """Every node, those nearest to the start first; what cannot be reached comes last."""
    seen: set[int] = set()
    for first in [picture.start, *range(len(picture.groups))]:
        waiting = deque([] if first in seen else [first])
        seen.add(first)
        while waiting:
            node = waiting.popleft()
            yield node
            fresh = [target for target in dict.fromkeys(outgoing[node]) if target not in seen]
            seen.update(fresh)
            waiting.extend(fresh)
