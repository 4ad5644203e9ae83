"""The order of cells within their rows, so that few edges cross: each goes where its neighbours are on average."""

from bisect import bisect_right, insort
from collections.abc import Sequence
from itertools import pairwise

SWEEPS = 6
"""Down and up again. More hardly change a picture of this size."""

Rows = list[list[int]]
Neighbours = Sequence[Sequence[int]]


def ordered(rows: Rows, above: Neighbours, below: Neighbours) -> Rows:
    """The best order that some sweeps find. Edges go from one row to the next; the same rows give the same answer."""
    best, fewest = [list(row) for row in rows], crossings(rows, below)
    for _ in range(SWEEPS):
        if not fewest:
            break
        rows = _swept(rows, above)
        rows = _swept(rows[::-1], below)[::-1]
        count = crossings(rows, below)
        if count < fewest:
            best, fewest = rows, count
    return best


def crossings(rows: Rows, below: Neighbours) -> int:
    """How many pairs of edges cross between these rows."""
    return sum(_between(upper, lower, below) for upper, lower in pairwise(rows))


def _between(upper: list[int], lower: list[int], below: Neighbours) -> int:
    place = {cell: index for index, cell in enumerate(lower)}
    count = 0
    landed: list[int] = []
    for cell in upper:
        targets = [place[target] for target in below[cell]]
        count += sum(len(landed) - bisect_right(landed, target) for target in targets)
        for target in targets:
            insort(landed, target)
    return count


def _swept(rows: Rows, neighbours: Neighbours) -> Rows:
    """Each row by the mean place of its cells' neighbours in the row before; who has none stays where he is."""
    swept = rows[:1]
    for row in rows[1:]:
        place = {cell: index for index, cell in enumerate(swept[-1])}
        scale = len(swept[-1]) / max(len(row), 1)
        wanted = {
            cell: _mean([place[one] for one in neighbours[cell]], default=index * scale)
            for index, cell in enumerate(row)
        }
        swept.append(sorted(row, key=wanted.__getitem__))
    return swept


def _mean(values: list[int], default: float) -> float:
    return sum(values) / len(values) if values else default
