"""Links as lines: soft curves downwards, and lanes at the right for what leads back up."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from services.audit.dashboard.charts.flow import Link
from services.audit.dashboard.charts.layout import (
    GAP_DOWN,
    LABEL_SIZE,
    NODE_HEIGHT,
    NODE_PADDING,
    NODE_WIDTH,
    Layout,
    Path,
    Point,
    label_of,
)
from services.audit.dashboard.charts.svg import number
from services.audit.dashboard.charts.text_width import width_of

LANE_WIDTH = 18.0
CORNER = 8.0
PORT = 28.0
"""From the right edge of a node to where links that lead back leave and arrive."""


@dataclass(frozen=True, slots=True)
class Route:
    """`line` is the `d` of a path. `tip`: where it arrives, always downwards. `label_at`: middle left or middle."""

    link: Link
    line: str
    tip: Point
    label: str
    label_at: Point
    centred: bool


def routes(layout: Layout) -> list[Route]:
    """A route for every link of the picture."""
    return [*(_down(layout, path) for path in layout.paths), *_back(layout)]


def width_with_lanes(layout: Layout, found: Sequence[Route]) -> float:
    """How far to the right the drawing reaches, lanes and their labels included."""
    labels = (route.label_at.x + width_of(route.label, LABEL_SIZE) for route in found if not route.centred)
    lanes = layout.width + LANE_WIDTH * (1 + max(_lanes(layout).values(), default=-1))
    return max([lanes, *labels])


def _down(layout: Layout, path: Path) -> Route:
    start, end = _bottom(layout, path.link.source), _top(layout, path.link.target)
    line = [f"M{_at(start)}"]
    here = start
    for bend in path.bends:
        if bend.bottom > bend.top:  # a flat row has nothing to be passed by
            line.append(_curve(here, Point(bend.x, bend.top)))
            line.append(f"V{number(bend.bottom)}")
            here = Point(bend.x, bend.bottom)
    line.append(_curve(here, end))
    first = path.bends[0]
    return Route(path.link, "".join(line), end, path.label, Point(first.x, (first.top + first.bottom) / 2), True)


def _curve(start: Point, end: Point) -> str:
    """Leaves and arrives straight down."""
    if start.x == end.x:
        return f"V{number(end.y)}"
    middle = (start.y + end.y) / 2
    return f"C{number(start.x)} {number(middle)} {number(end.x)} {number(middle)} {_at(end)}"


def _back(layout: Layout) -> Iterator[Route]:
    lanes = _lanes(layout)
    for link in layout.back:
        start, end = _bottom(layout, link.source, PORT), _top(layout, link.target, PORT)
        itself = link.source == link.target
        lane = (start.x + PORT + NODE_PADDING) if itself else layout.width + LANE_WIDTH * (lanes[link] + 1)
        label = label_of(link)
        yield Route(link, _around(start, end, lane), end, label, Point(lane + 6, _middle(start, end)), False)


def _around(start: Point, end: Point, lane: float) -> str:
    """Out below the source, up in the lane, and in above the target."""
    low, high = start.y + GAP_DOWN / 2, end.y - GAP_DOWN / 2 - CORNER / 2
    corners = [Point(start.x, low), Point(lane, low), Point(lane, high), Point(end.x, high)]
    line = [f"M{_at(start)}"]
    for before, corner, after in zip([start, *corners], corners, [*corners[1:], end], strict=False):
        into, out = _towards(corner, before), _towards(corner, after)
        line.append(f"L{_at(into)}Q{_at(corner)} {_at(out)}")
    return "".join([*line, f"L{_at(end)}"])


def _towards(corner: Point, other: Point) -> Point:
    """A little off the corner, in the direction of the other."""
    x = max(-CORNER, min(CORNER, other.x - corner.x))
    y = max(-CORNER, min(CORNER, other.y - corner.y))
    return Point(corner.x + x, corner.y + y)


def _lanes(layout: Layout) -> dict[Link, int]:
    """The innermost lane that is free over the whole height, the short ones first."""
    taken: list[list[tuple[float, float]]] = []
    lanes: dict[Link, int] = {}
    spans = {link: (layout.nodes[link.target].y, layout.nodes[link.source].y) for link in layout.back}
    for link, (high, low) in sorted(spans.items(), key=lambda item: (item[1][1] - item[1][0], item[0])):
        if link.source == link.target:
            continue
        lane = next((n for n, spans in enumerate(taken) if all(low < a or b < high for a, b in spans)), len(taken))
        if lane == len(taken):
            taken.append([])
        taken[lane].append((high, low))
        lanes[link] = lane
    return lanes


def _bottom(layout: Layout, node: int, from_right: float = NODE_WIDTH / 2) -> Point:
    corner = layout.nodes[node]
    return Point(corner.x + NODE_WIDTH - from_right, corner.y + NODE_HEIGHT)


def _top(layout: Layout, node: int, from_right: float = NODE_WIDTH / 2) -> Point:
    corner = layout.nodes[node]
    return Point(corner.x + NODE_WIDTH - from_right, corner.y)


def _middle(start: Point, end: Point) -> float:
    return (start.y + end.y) / 2


def _at(point: Point) -> str:
    return f"{number(point.x)} {number(point.y)}"
