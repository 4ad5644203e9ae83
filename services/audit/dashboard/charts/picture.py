"""What is drawn of a flow: nodes that stand for one step or for many, and links between them, by their indexes."""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from typing import Literal, NamedTuple

from services.audit.dashboard.charts.durations import count_text
from services.audit.dashboard.charts.flow import EdgeKind, Flow, Link

LABELS_JOINED = 3
"""Of edges that have become one link; with more it says how many."""

Form = Literal["step", "chain", "parallel", "rest"]


class Group(NamedTuple):
    """One node of the drawing: a step, or several in the order of the flow."""

    names: tuple[str, ...]
    form: Form


@dataclass(frozen=True, slots=True)
class Picture:
    """The nodes and links to draw. `start` is the node that a run begins with."""

    groups: Sequence[Group]
    links: Sequence[Link]
    start: int


def unfolded(flow: Flow) -> Picture:
    """Every step by itself."""
    return Picture([Group((name,), "step") for name in flow.steps], _merged(flow.links), flow.start)


def folded(picture: Picture, folds: Collection[Sequence[int]], form: Form) -> Picture:
    """The picture with one node for each of these sets of nodes, where the first of the set was."""
    if not folds:
        return picture
    becomes = {node: fold[0] for fold in folds for node in fold}
    members = {fold[0]: fold for fold in folds}
    groups: list[Group] = []
    places: dict[int, int] = {}
    for node, group in enumerate(picture.groups):
        if becomes.get(node, node) == node:
            places[node] = len(groups)
            groups.append(_united(picture, members[node], form) if node in members else group)
    place = [places[becomes.get(node, node)] for node in range(len(picture.groups))]
    links = [
        Link(place[source], place[target], kind, label)
        for source, target, kind, label in picture.links
        if place[source] != place[target] or source not in becomes
    ]
    return Picture(groups, _merged(links), place[picture.start])


def name_of(group: Group) -> str:
    """What stands on the node."""
    if group.form == "step":
        return group.names[0]
    return "more steps" if group.form == "rest" else f"{group.names[0]} … {group.names[-1]}"


def size_of(group: Group) -> str:
    """`977 steps`, `40 steps side by side`; nothing for a step."""
    if group.form == "step":
        return ""
    steps = f"{count_text(len(group.names))} step{'s' if len(group.names) != 1 else ''}"
    return steps + {"chain": "", "parallel": " side by side", "rest": " not drawn"}[group.form]


def _united(picture: Picture, nodes: Sequence[int], form: Form) -> Group:
    return Group(tuple(name for node in nodes for name in picture.groups[node].names), form)


def _merged(links: Sequence[Link]) -> Sequence[Link]:
    """One link per pair and kind, which says what all its parts say."""
    if len({link[:3] for link in links}) == len(links):
        return links
    labels: dict[tuple[int, int, EdgeKind], list[str]] = {}
    for source, target, kind, label in links:
        labels.setdefault((source, target, kind), []).append(label)
    return [Link(*key, _joined(several)) for key, several in labels.items()]


def _joined(labels: list[str]) -> str:
    if len(labels) == 1:
        return labels[0]
    distinct = list(dict.fromkeys(labels))
    if len(distinct) > LABELS_JOINED:
        return f"{count_text(len(distinct))} ways"
    return "" if "" in distinct else " or ".join(distinct)
