"""Where cells stand in their rows: in their order, apart from one another, as near as can be to their neighbours."""

from collections.abc import Sequence

ROUNDS = 10
"""Down and up. The pictures stand still after a few."""

Rows = Sequence[Sequence[int]]
Neighbours = Sequence[Sequence[int]]


def spread(rows: Rows, above: Neighbours, below: Neighbours, widths: Sequence[float], gap: float) -> list[float]:
    """The middle of each cell. `gap` is the least distance between cells of a row."""
    centres = [0.0] * len(widths)
    for row in rows:
        _place(row, [0.0] * len(row), centres, widths, gap)
    for _ in range(ROUNDS):
        for row in rows:
            _place(row, [_wanted(cell, above, centres) for cell in row], centres, widths, gap)
        for row in reversed(rows):
            _place(row, [_wanted(cell, below, centres) for cell in row], centres, widths, gap)
    around = [[*up, *down] for up, down in zip(above, below, strict=True)]
    for row in rows:
        _place(row, [_wanted(cell, around, centres) for cell in row], centres, widths, gap)
    return centres


def nearest(wanted: Sequence[float], room: Sequence[float]) -> list[float]:
    """Places nearest to `wanted` by least squares, the i-th at least `room[i]` after the one before.

    Neighbours that want the same room are pooled and share what they want; a pool that runs into another joins it.
    """
    offsets: list[float] = []
    for index, distance in enumerate(room):
        offsets.append(offsets[-1] + distance if index else 0.0)
    pools: list[tuple[float, int]] = []
    for value, offset in zip(wanted, offsets, strict=True):
        total, size = value - offset, 1
        while pools and pools[-1][0] / pools[-1][1] > total / size:
            more, others = pools.pop()
            total, size = total + more, size + others
        pools.append((total, size))
    shared = [total / size for total, size in pools for _ in range(size)]
    return [place + offset for place, offset in zip(shared, offsets, strict=True)]


def _place(row: Sequence[int], wanted: list[float], centres: list[float], widths: Sequence[float], gap: float) -> None:
    room = [(widths[left] + widths[cell]) / 2 + gap for left, cell in zip([*row[:1], *row], row, strict=False)]
    for cell, centre in zip(row, nearest(wanted, room), strict=True):
        centres[cell] = centre


def _wanted(cell: int, neighbours: Neighbours, centres: list[float]) -> float:
    near = neighbours[cell]
    return sum(centres[one] for one in near) / len(near) if near else centres[cell]
