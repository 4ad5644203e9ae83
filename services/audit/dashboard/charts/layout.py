"""A picture laid out: rows of nodes from top to bottom, and between them rows of labels and of bends."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import NamedTuple

from services.audit.dashboard.charts.crossings import ordered
from services.audit.dashboard.charts.flow import Link
from services.audit.dashboard.charts.layers import Pair, backward, longest_ways
from services.audit.dashboard.charts.picture import Picture
from services.audit.dashboard.charts.spreading import spread
from services.audit.dashboard.charts.straightening import straightened
from services.audit.dashboard.charts.text_width import fitted, width_of

NODE_WIDTH, NODE_HEIGHT = 256.0, 60.0
BEND_WIDTH = 12.0
LABEL_HEIGHT, LABEL_SIZE, LABEL_ROOM = 20.0, 11.0, 180.0
NODE_PADDING = 12.0
GAP_ACROSS, GAP_DOWN = 8.0, 24.0


class Point(NamedTuple):
    x: float
    y: float


class Bend(NamedTuple):
    """Where a link passes a row: straight down from `top` to `bottom`."""

    x: float
    top: float
    bottom: float


@dataclass(frozen=True, slots=True)
class Path:
    """A link on its way down. `label` is cut to its room and stands at `bends[0]`."""

    link: Link
    bends: Sequence[Bend]
    label: str


@dataclass(frozen=True, slots=True)
class Layout:
    """`nodes`: top left corners. `back`: links that lead up, or from a node to itself. Sizes in pixels."""

    nodes: Sequence[Point]
    paths: Sequence[Path]
    back: Sequence[Link]
    width: float
    height: float


def laid_out(picture: Picture) -> Layout:
    """Every node of the picture at a place of its own; the same picture always looks the same."""
    count = len(picture.groups)
    pairs: list[Pair] = [(link.source, link.target) for link in picture.links]
    back = backward(count, dict.fromkeys(pairs), picture.start)
    down = [link for link, pair in zip(picture.links, pairs, strict=True) if pair not in back]
    grid = _Grid(longest_ways(count, [pair for pair in dict.fromkeys(pairs) if pair not in back]), down)
    return grid.layout([link for link, pair in zip(picture.links, pairs, strict=True) if pair in back])


def label_of(link: Link) -> str:
    """The label as it is drawn."""
    return fitted(link.label, LABEL_ROOM, LABEL_SIZE)


class _Grid:
    """Cells in rows: nodes in the even ones, numbered as in the picture; then the bends of links, one for each row."""

    def __init__(self, ranks: Sequence[int], links: Sequence[Link]) -> None:
        self._nodes = len(ranks)
        self._links = links
        self._widths = [NODE_WIDTH + 2 * NODE_PADDING] * len(ranks)
        self._rows: list[list[int]] = [[] for _ in range(2 * max(ranks, default=0) + 1)]
        for node, rank in enumerate(ranks):
            self._rows[2 * rank].append(node)
        self._bends = [self._bend(link, 2 * ranks[link.source] + 1, 2 * ranks[link.target]) for link in links]
        self._connect()

    def _bend(self, link: Link, first: int, end: int) -> list[int]:
        cells = list(range(len(self._widths), len(self._widths) + end - first))
        self._widths += [BEND_WIDTH] * len(cells)
        if link.label:
            self._widths[cells[0]] = width_of(label_of(link), LABEL_SIZE) + BEND_WIDTH
        for cell, row in zip(cells, range(first, end), strict=True):
            self._rows[row].append(cell)
        return cells

    def _connect(self) -> None:
        """Who is above and below whom; and whose place matters to whom: nodes follow the way without errors."""
        self._above: list[list[int]] = [[] for _ in self._widths]
        self._below: list[list[int]] = [[] for _ in self._widths]
        for link, bends in zip(self._links, self._bends, strict=True):
            for upper, lower in zip([link.source, *bends], [*bends, link.target], strict=True):
                self._below[upper].append(lower)
                self._above[lower].append(upper)
        self._pulling = self._without_errors(self._above), self._without_errors(self._below)

    def _without_errors(self, near: list[list[int]]) -> list[list[int]]:
        pairs = zip(self._links, self._bends, strict=True)
        errors = {cell for link, bends in pairs if link.kind == "catch" for cell in bends}
        usual = [[cell for cell in cells if cell not in errors] or cells for cells in near[: self._nodes]]
        return [*usual, *near[self._nodes :]]

    def layout(self, back: Sequence[Link]) -> Layout:
        rows = ordered(self._rows, self._above, self._below)
        centres = self._centres(rows)
        tops, heights = self._heights()
        row_of = {cell: index for index, row in enumerate(rows) for cell in row}
        bends = [
            [Bend(centres[cell], tops[row_of[cell]], tops[row_of[cell]] + heights[row_of[cell]]) for cell in cells]
            for cells in self._bends
        ]
        return Layout(
            nodes=[Point(centres[node] - NODE_WIDTH / 2, tops[row_of[node]]) for node in range(self._nodes)],
            paths=[Path(link, bend, label_of(link)) for link, bend in zip(self._links, bends, strict=True)],
            back=back,
            width=max((centre + width / 2 for centre, width in zip(centres, self._widths, strict=True)), default=0),
            height=tops[-1] + heights[-1],
        )

    def _centres(self, rows: list[list[int]]) -> list[float]:
        """The middle of each cell, the leftmost edge at 0."""
        above, below = self._pulling
        centres = spread(rows, above, below, self._widths, GAP_ACROSS)
        centres = straightened(rows, above, below, self._widths, GAP_ACROSS, centres)
        left = min((centre - width / 2 for centre, width in zip(centres, self._widths, strict=True)), default=0)
        return [round(centre - left, 1) for centre in centres]

    def _heights(self) -> tuple[list[float], list[float]]:
        """Top and height of each row; a row between nodes is there for its labels, and flat without any."""
        labelled = {cells[0] for link, cells in zip(self._links, self._bends, strict=True) if link.label}
        heights = [
            NODE_HEIGHT if index % 2 == 0 else LABEL_HEIGHT if labelled.intersection(row) else 0.0
            for index, row in enumerate(self._rows)
        ]
        tops = [0.0]
        for height in heights[:-1]:
            tops.append(tops[-1] + height + GAP_DOWN)
        return tops, heights
