"""Finds what answers a path: a tree of segments, literal ones before `{names}`."""

import re
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Generic, TypeVar
from urllib.parse import unquote

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import UNKNOWN_PATH, bad_request, method_not_allowed

Leaf = TypeVar("Leaf")

_MALFORMED_ESCAPE = re.compile(r"%(?![0-9A-Fa-f]{2})")
_CONTROL = re.compile(r"[\x00-\x1f\x7f]")


@dataclass(slots=True)
class _Node(Generic[Leaf]):
    literal: "dict[str, _Node[Leaf]]" = field(default_factory=dict)
    named: "_Node[Leaf] | None" = None
    leaves: dict[str, tuple[Leaf, tuple[str, ...]]] = field(default_factory=dict)


class Router(Generic[Leaf]):
    """Add leaves, then match. Raises `ValueError` when two leaves want the same method and path."""

    def __init__(self) -> None:
        self._root: _Node[Leaf] = _Node()

    def add(self, method: str, path: str, leaf: Leaf) -> None:
        """`path` like `/v1/projects/{project}/runs`."""
        node, names = self._root, []
        for segment in _segments(path):
            if segment.startswith("{"):
                names.append(segment[1:-1])
                node.named = node.named or _Node()
                node = node.named
            else:
                node = node.literal.setdefault(segment, _Node())
        if method in node.leaves:
            raise ValueError(f"expected one route for {method} {path}, but there are two")
        node.leaves[method] = (leaf, tuple(names))

    def match(self, method: str, raw_path: str) -> tuple[Leaf, dict[str, str]] | Rejected:
        """The leaf and the named segments, decoded. HEAD is answered by what answers GET."""
        segments = _decoded(raw_path.partition("?")[0])
        if isinstance(segments, Rejected):
            return segments
        wanted = "GET" if method == "HEAD" else method
        found = self._straight(segments, wanted) or self._around(segments, wanted)
        return self._miss(segments, method) if found is None else found

    def _straight(self, segments: Sequence[str], method: str) -> tuple[Leaf, dict[str, str]] | None:
        """Takes the literal way wherever there is one: right for nearly every request, and cheap."""
        node, values = self._root, []
        for segment in segments:
            following = node.literal.get(segment)
            if following is None:
                following = node.named
                if following is None or not segment:
                    return None
                values.append(segment)
            node = following
        leaf = node.leaves.get(method)
        return None if leaf is None else (leaf[0], dict(zip(leaf[1], values, strict=True)))

    def _around(self, segments: Sequence[str], method: str) -> tuple[Leaf, dict[str, str]] | None:
        values: list[str] = []
        node = self._find(self._root, segments, 0, method, values)
        if node is None:
            return None
        leaf, names = node.leaves[method]
        return leaf, dict(zip(names, values, strict=True))

    def _find(
        self, node: _Node[Leaf], segments: Sequence[str], at: int, method: str, values: list[str]
    ) -> _Node[Leaf] | None:
        if at == len(segments):
            return node if method in node.leaves else None
        segment = segments[at]
        literal = node.literal.get(segment)
        if literal is not None:
            found = self._find(literal, segments, at + 1, method, values)
            if found is not None:
                return found
        if node.named is None or not segment:
            return None
        values.append(segment)
        found = self._find(node.named, segments, at + 1, method, values)
        if found is None:
            values.pop()
        return found

    def _miss(self, segments: Sequence[str], method: str) -> Rejected:
        methods = ("GET", "POST", "PUT", "PATCH", "DELETE")
        allowed = [other for other in methods if self._find(self._root, segments, 0, other, []) is not None]
        return method_not_allowed(method, ", ".join(allowed)) if allowed else UNKNOWN_PATH


def _segments(path: str) -> list[str]:
    return path.split("/")[1:]


def _decoded(path: str) -> list[str] | Rejected:
    segments = _segments(path)
    if "%" not in path:
        return segments
    if _MALFORMED_ESCAPE.search(path):
        return bad_request("expected two hexadecimal digits after each % of the path, but there are others")
    try:
        segments = [unquote(segment, errors="strict") for segment in segments]
    except UnicodeDecodeError:
        return bad_request("expected UTF-8 behind the escapes of the path, but it is not")
    if any(_CONTROL.search(segment) for segment in segments):
        return bad_request("expected a path without control characters, but there is one")
    return segments
