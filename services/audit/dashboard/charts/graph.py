"""A workflow as a drawing: steps from top to bottom, with a run's progress on them if there is one.

The rows say the same as a table, for those who do not see the drawing.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TypeAlias

from markupsafe import Markup

from libs.contracts.codec import JsonObject
from services.audit.dashboard.charts.durations import count_text
from services.audit.dashboard.charts.flow import Flow, Link, flow_of
from services.audit.dashboard.charts.folding import NODES_DRAWN, picture_of
from services.audit.dashboard.charts.layout import LABEL_SIZE, Point, laid_out
from services.audit.dashboard.charts.nodes import TITLE_CHARACTERS, Card, card_of, node
from services.audit.dashboard.charts.picture import Picture, name_of
from services.audit.dashboard.charts.progress import Progress, state_of, states_text, summed, total
from services.audit.dashboard.charts.routes import Route, routes, width_with_lanes
from services.audit.dashboard.charts.svg import NOTHING, Attributes, element, number
from services.audit.dashboard.charts.text_width import width_of
from services.audit.dashboard.loose_json import words

Href: TypeAlias = Callable[[str], str]
"""The address of a step's page, or of its place on this one."""

MARGIN = 20.0


@dataclass(frozen=True, slots=True)
class GraphRow:
    """A node in words. `leads_to`: `notify`, `retry on timeout`, `small if state.total < 10`."""

    step: str
    kind: str
    state: str
    leads_to: Sequence[str]


class Graph:
    """A flow as it is shown: what that takes is found once, for the drawing and for the rows."""

    def __init__(self, flow: Flow, progress: Progress | None = None, *, most_nodes: int = NODES_DRAWN) -> None:
        self._flow = flow
        self._progress = progress
        self._picture = _picture(flow, progress, most_nodes)
        self._cards = _cards(flow, self._picture, progress)

    def drawing(self, name: str, href: Href) -> Markup:
        """As an `<svg>`; with progress every step shows its state. A fold leads to its most urgent step."""
        layout = laid_out(self._picture)
        found = routes(layout)
        width, height = width_with_lanes(layout, found) + 2 * MARGIN, layout.height + 2 * MARGIN + 4
        placed = zip(self._cards, layout.nodes, strict=True)
        return element(
            "svg",
            {
                "class": "graph",
                "role": "group",  # an image must not have links in it
                "width": width,
                "height": height,
                "viewBox": f"{number(-MARGIN)} {number(-MARGIN)} {number(width)} {number(height)}",
            },
            element("title", {}, f"Workflow {name[:TITLE_CHARACTERS]}".strip()),
            element("desc", {}, _description(self._flow, self._cards)),
            *(_line(route, self._picture) for route in found),
            *(_label(route) for route in found if route.label),
            *(node(card, x, y, href(_target(card, self._progress))) for card, (x, y) in placed),
        )

    def rows(self) -> list[GraphRow]:
        """What the drawing shows, node by node; `state` is empty without a run."""
        leads_to: list[list[str]] = [[] for _ in self._cards]
        for link in self._picture.links:
            leads_to[link.source].append(_leads_to(link, self._picture))
        return [
            GraphRow(name_of(card.group), card.kind, "" if card.counts is None else states_text(card.counts), leads)
            for card, leads in zip(self._cards, leads_to, strict=True)
        ]


def draw_graph(
    spec: JsonObject, href: Href, progress: Progress | None = None, *, most_nodes: int = NODES_DRAWN
) -> Markup:
    """The drawing of a definition."""
    return Graph(flow_of(spec), progress, most_nodes=most_nodes).drawing(words(spec.get("name")), href)


def graph_rows(spec: JsonObject, progress: Progress | None = None, *, most_nodes: int = NODES_DRAWN) -> list[GraphRow]:
    """The rows of a definition."""
    return Graph(flow_of(spec), progress, most_nodes=most_nodes).rows()


def _picture(flow: Flow, progress: Progress | None, most_nodes: int) -> Picture:
    """Steps that failed or run stay out of folds, as far as there are few."""
    sought = {name for name, counts in (progress or {}).items() if counts.get("failed") or counts.get("running")}
    return picture_of(flow, sought, most_nodes)


def _cards(flow: Flow, picture: Picture, progress: Progress | None) -> list[Card]:
    return [
        card_of(group, flow.steps, None if progress is None else summed(group.names, progress))
        for group in picture.groups
    ]


def _target(card: Card, progress: Progress | None) -> str:
    """The step that a card leads to: of many the first that is in the state that the card shows."""
    names = card.group.names
    if card.counts is None or progress is None or len(names) == 1:
        return names[0]
    shown = state_of(card.counts)
    return next((name for name in names if state_of(progress.get(name) or {}) == shown), names[0])


def _description(flow: Flow, cards: Sequence[Card]) -> str:
    size = f"{count_text(len(flow.steps))} step{'s' if len(flow.steps) != 1 else ''}"
    folds = f", drawn as {count_text(len(cards))} nodes" if len(cards) < len(flow.steps) else ""
    states = total([card.counts for card in cards if card.counts])
    return f"{size}{folds}: {states_text(states)}" if states else f"{size}{folds}"


def _line(route: Route, picture: Picture) -> Markup:
    kind = "back" if route.link.kind == "next" and not route.centred else route.link.kind
    x, y = route.tip
    return element(
        "g",
        {"class": f"edge edge-{kind}"},
        element("title", {}, f"{name_of(picture.groups[route.link.source])} → {_leads_to(route.link, picture)}"),
        element("path", {"class": "line", "d": route.line}),
        element("path", {"class": "tip", "d": f"M{number(x - 4.5)} {number(y - 7)}h9L{number(x)} {number(y)}Z"}),
    )


def _label(route: Route) -> Markup:
    """The words on an edge; what was cut stands in its title."""
    at: Point = route.label_at
    anchor = "middle" if route.centred else None
    place: Attributes = {"x": at.x, "y": at.y + LABEL_SIZE * 0.35, "text-anchor": anchor}
    cut = route.label != route.link.label
    width = width_of(route.label, LABEL_SIZE) + 8
    left = at.x - (width / 2 if route.centred else 4)
    return element(
        "g",
        {"class": f"label label-{route.link.kind}"},
        element("title", {}, route.link.label[:TITLE_CHARACTERS]) if cut else NOTHING,
        element("rect", {"x": left, "y": at.y - 9, "width": width, "height": 18, "rx": 4}),
        element("text", place, route.label),
    )


def _leads_to(link: Link, picture: Picture) -> str:
    when = f" ({link.label[:TITLE_CHARACTERS]})" if link.label else ""
    return f"{name_of(picture.groups[link.target])}{when}"
