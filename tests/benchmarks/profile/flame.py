"""Reads a flame graph back into figures: which functions were on the CPU themselves, and which had others do it."""

import re
from collections import defaultdict
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from xml.etree import ElementTree

SVG = "{http://www.w3.org/2000/svg}"
INFERNO = "{http://github.com/jonhoo/inferno}"
"""The library that draws for py-spy leaves the place of each frame in attributes of its own, counted in samples."""

TITLE = re.compile(r"(.*) \([\d,]+ samples, [\d.]+%\)")


@dataclass(frozen=True, slots=True)
class Frame:
    """One box: a function, how deep in the stack, and the samples from `left` to `right` that it was in."""

    name: str
    depth: int
    left: int
    right: int


@dataclass(frozen=True, slots=True)
class Share:
    """A function's part of all samples: on the CPU itself, and with everything that it called."""

    name: str
    own: float
    total: float


def read_frames(svg: Path) -> list[Frame]:
    """Every box of a flame graph, the lowest first."""
    return sorted(_frames(ElementTree.parse(svg)), key=lambda frame: (frame.depth, frame.left))


def _frames(tree: "ElementTree.ElementTree[ElementTree.Element]") -> Iterator[Frame]:
    for group in tree.iter(f"{SVG}g"):
        title, box = group.find(f"{SVG}title"), group.find(f"{SVG}rect")
        named = TITLE.fullmatch(title.text or "") if title is not None else None
        if box is not None and named is not None:
            left, width = int(box.attrib[f"{INFERNO}x"]), int(box.attrib[f"{INFERNO}w"])
            yield Frame(named[1], int(box.attrib["y"]), left, left + width)


def shares(frames: Sequence[Frame]) -> list[Share]:
    """By function. One that calls itself counts once in its total."""
    samples = max((frame.right for frame in frames), default=0)
    own: dict[str, int] = defaultdict(int)
    total: dict[str, int] = defaultdict(int)
    stack: list[Frame] = []
    for frame in sorted(frames, key=lambda frame: (frame.left, frame.depth)):
        while stack and stack[-1].right <= frame.left:
            stack.pop()
        width = frame.right - frame.left
        own[frame.name] += width
        if stack:
            own[stack[-1].name] -= width
        if all(below.name != frame.name for below in stack):
            total[frame.name] += width
        stack.append(frame)
    return [Share(name, own[name] / samples, total[name] / samples) for name in total]
