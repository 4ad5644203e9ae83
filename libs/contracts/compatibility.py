"""Whether a schema may take the place of an earlier one under the same version.

An event lives in two places: in the journal, where new code must still read what old code wrote, and on the topic,
where old subscribers must still read what new code writes. So under one version nothing may get narrower and nothing
wider; fields that may be absent can be added, because every reader ignores what it does not know. All else is a new
version.
"""

from collections.abc import Iterator, Mapping, Set
from dataclasses import dataclass
from typing import Final, cast

from libs.contracts.codec import Json, JsonObject, dump_json

_ANNOTATIONS: Final = frozenset({"$schema", "$id", "$comment", "title", "description", "examples", "deprecated"})
_ANYTHING: Final = "anything"
_PARTS: Final = ("items", "additionalProperties")
_COMPARED_APART: Final = frozenset(
    {"$ref", "$defs", "anyOf", "type", "default", "enum", "const", "properties", "required", "prefixItems", *_PARTS}
)


@dataclass(frozen=True)
class Break:
    """What an old reader or an old record would stumble over, and where (a JSON pointer into the data)."""

    pointer: str
    sentence: str


def breaks(old: JsonObject, new: JsonObject) -> tuple[Break, ...]:
    """Everything that keeps `new` from replacing `old`; none: it may."""
    return tuple(_Comparison(old, new).compare(old, new, ""))


class _Comparison:
    """Walks both schemas together, through references into their own definitions."""

    def __init__(self, old: JsonObject, new: JsonObject) -> None:
        self._old = old
        self._new = new
        self._underway: set[tuple[int, int]] = set()

    def compare(self, old: Json, new: Json, at: str) -> Iterator[Break]:
        before, after = _as_object(old), _as_object(new)
        if before.get("default") != after.get("default"):
            yield _changed(at, "default", before, after)
        yield from self._alternatives(_resolved(before, self._old), _resolved(after, self._new), at)

    def _alternatives(self, old: JsonObject, new: JsonObject, at: str) -> Iterator[Break]:
        before, after = self._by_kind(old, self._old), self._by_kind(new, self._new)
        if before.keys() != after.keys():
            yield Break(at, _other_kinds(before.keys(), after.keys()))
        for kind in sorted(before.keys() & after.keys()):
            pair = (id(before[kind]), id(after[kind]))
            if pair not in self._underway:  # else a record inside itself
                self._underway.add(pair)
                yield from self._same_kind(before[kind], after[kind], at)
                self._underway.remove(pair)

    def _by_kind(self, node: JsonObject, root: JsonObject) -> Mapping[str, JsonObject]:
        """The alternatives of a node by their JSON type; a second one of a type has its place in its name."""
        branches = [_resolved(_as_object(branch), root) for branch in _list(node.get("anyOf", [node]))]
        found: dict[str, JsonObject] = {}
        for branch in branches:
            kind = str(branch.get("type", _ANYTHING))
            found[kind if kind not in found else f"{kind} ({len(found) + 1})"] = branch
        return found

    def _same_kind(self, old: JsonObject, new: JsonObject, at: str) -> Iterator[Break]:
        yield from _values(old, new, at)
        yield from self._fields(old, new, at)
        yield from self._parts(old, new, at)
        for keyword in sorted((old.keys() | new.keys()) - _ANNOTATIONS - _COMPARED_APART):
            if old.get(keyword) != new.get(keyword):
                yield _changed(at, keyword, old, new)

    def _fields(self, old: JsonObject, new: JsonObject, at: str) -> Iterator[Break]:
        before, after = _as_object(old.get("properties", {})), _as_object(new.get("properties", {}))
        insisted, insists = set(_list(old.get("required", []))), set(_list(new.get("required", [])))
        for name in before:
            here = f"{at}/{name}"
            if name not in after:
                yield Break(here, "expected the field to stay, but it was removed or renamed")
                continue
            if name in insists - insisted:
                yield Break(here, "expected the field to stay optional, as earlier records lack it, but it is required")
            if name in insisted - insists:
                yield Break(here, "expected the field to stay required, as earlier readers need it, but it is optional")
            yield from self.compare(before[name], after[name], here)
        for name in after.keys() - before.keys():
            if name in insists:
                yield Break(f"{at}/{name}", "expected a new field to be optional, but it is required")
            elif old.get("additionalProperties") is False:
                yield Break(f"{at}/{name}", "expected no new field where earlier readers refuse any, but it was added")

    def _parts(self, old: JsonObject, new: JsonObject, at: str) -> Iterator[Break]:
        for keyword in _PARTS:
            if keyword in old or keyword in new:
                yield from self.compare(old.get(keyword, True), new.get(keyword, True), f"{at}/*")
        before, after = _list(old.get("prefixItems", [])), _list(new.get("prefixItems", []))
        if len(before) != len(after):
            yield Break(at, f"expected {len(before)} fixed places, but there are {len(after)}")
        for place, (earlier, later) in enumerate(zip(before, after, strict=False)):
            yield from self.compare(earlier, later, f"{at}/{place}")


def _other_kinds(old: Set[str], new: Set[str]) -> str:
    was, now = " or ".join(sorted(old)), " or ".join(sorted(new))
    if old < new or _ANYTHING in new:
        return f"expected {was} only, as earlier readers do, but it may be {now}"
    if new < old or _ANYTHING in old:
        return f"expected {was} to stay allowed, as earlier records hold it, but it must be {now}"
    return f"expected {was} to stay, but it is {now}"


def _values(old: JsonObject, new: JsonObject, at: str) -> Iterator[Break]:
    """Of `enum` and `const`: each is a list of what may stand there."""
    before, after = _allowed(old), _allowed(new)
    if before is None or after is None:
        if before != after:
            found = "it is new" if before is None else "it is gone"
            yield Break(at, f"expected the same list of values, but {found}")
        return
    for value in sorted(before - after):
        yield Break(at, f"expected {value} to stay allowed, as earlier records hold it, but it is refused now")
    for value in sorted(after - before):
        yield Break(at, f"expected no value that earlier readers refuse, but {value} was added")


def _allowed(node: JsonObject) -> frozenset[str] | None:
    if "const" in node:
        return frozenset({dump_json(node["const"]).decode()})
    return frozenset(dump_json(value).decode() for value in _list(node["enum"])) if "enum" in node else None


def _changed(at: str, keyword: str, old: JsonObject, new: JsonObject) -> Break:
    before, after = (dump_json(node[keyword]).decode() if keyword in node else "absent" for node in (old, new))
    return Break(at, f"expected {keyword} to stay {before}, but it is {after}")


def _resolved(node: JsonObject, root: JsonObject) -> JsonObject:
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    return _as_object(_as_object(root["$defs"])[reference.removeprefix("#/$defs/")])


def _as_object(node: Json) -> JsonObject:
    """A schema as an object: `true` allows anything, `false` nothing."""
    if isinstance(node, bool):
        return {} if node else {"type": "nothing"}
    return cast(JsonObject, node)


def _list(node: Json) -> list[Json]:
    return cast("list[Json]", node)
