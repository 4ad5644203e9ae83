"""Takes the wiggles out of lines: what follows one another without a fork stands in one column where there is room."""

from collections.abc import Iterator, Sequence

Rows = Sequence[Sequence[int]]
Neighbours = Sequence[Sequence[int]]


def straightened(
    rows: Rows, above: Neighbours, below: Neighbours, widths: Sequence[float], gap: float, centres: Sequence[float]
) -> list[float]:
    """The centres, with as many cells of each thread as possible below one another; order and gaps stay."""
    moved = list(centres)
    beside = _beside(rows)
    for thread in sorted(_threads(above, below), key=len, reverse=True):
        for cells, middle in _columns(thread, moved, beside, widths, gap):
            for cell in cells:
                moved[cell] = middle
    return moved


def _threads(above: Neighbours, below: Neighbours) -> Iterator[list[int]]:
    """Cells of which each is the only one below the one before, and has only that above it."""
    for cell in range(len(below)):
        if not _is_only_follower(cell, above, below):
            thread = [cell]
            while below[thread[-1]] and _is_only_follower(below[thread[-1]][0], above, below):
                thread.append(below[thread[-1]][0])
            if len(thread) > 1:
                yield thread


def _is_only_follower(cell: int, above: Neighbours, below: Neighbours) -> bool:
    return len(above[cell]) == 1 and list(below[above[cell][0]]) == [cell]


def _columns(
    thread: Sequence[int],
    centres: Sequence[float],
    beside: Sequence[tuple[int | None, int | None]],
    widths: Sequence[float],
    gap: float,
) -> Iterator[tuple[list[int], float]]:
    """The thread in pieces that can each stand in one column, and where: as near as can be to where they are."""
    cells: list[int] = []
    left, right = float("-inf"), float("inf")
    for cell in thread:
        low, high = _room(cell, centres, beside[cell], widths, gap)
        if cells and max(left, low) > min(right, high):
            yield cells, _clamped(cells, centres, left, right)
            cells, left, right = [], float("-inf"), float("inf")
        cells.append(cell)
        left, right = max(left, low), min(right, high)
    yield cells, _clamped(cells, centres, left, right)


def _room(
    cell: int,
    centres: Sequence[float],
    beside: tuple[int | None, int | None],
    widths: Sequence[float],
    gap: float,
) -> tuple[float, float]:
    """The least and the greatest centre that keeps the cell apart from those beside it; where it is now is between."""
    before, after = beside
    here = centres[cell]
    low = float("-inf") if before is None else centres[before] + (widths[before] + widths[cell]) / 2 + gap
    high = float("inf") if after is None else centres[after] - (widths[after] + widths[cell]) / 2 - gap
    return min(low, here), max(high, here)


def _clamped(cells: Sequence[int], centres: Sequence[float], left: float, right: float) -> float:
    return max(left, min(right, sum(centres[cell] for cell in cells) / len(cells)))


def _beside(rows: Rows) -> list[tuple[int | None, int | None]]:
    """The cells before and after each cell in its row."""
    beside: dict[int, tuple[int | None, int | None]] = {}
    for row in rows:
        beside.update(zip(row, zip([None, *row], [*row[1:], None], strict=False), strict=False))
    return [beside[cell] for cell in range(len(beside))]
