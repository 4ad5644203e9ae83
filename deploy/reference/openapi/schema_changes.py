"""Whether one schema may take another's place in a body, or in an answer.

A body must go on to be taken: nothing may get narrower. An answer must go on to be read: nothing may get wider, and
what was always there stays. New fields of answers are fine, because clients ignore what they do not know. Whatever is
neither known to be wider nor known to be narrower counts as a break.
"""

from collections.abc import Callable, Iterator, Mapping, Sequence, Set
from typing import Final, TypeAlias, cast

from libs.contracts.codec import Json, JsonObject, dump_json

Compare: TypeAlias = Callable[[JsonObject, JsonObject, str], Iterator[str]]

_ANNOTATIONS: Final = frozenset({"title", "description", "examples", "deprecated", "default", "$comment"})
_LOWER: Final = frozenset({"minLength", "minItems", "minimum", "exclusiveMinimum", "minProperties"})
_UPPER: Final = frozenset({"maxLength", "maxItems", "maximum", "exclusiveMaximum", "maxProperties"})
_PARTS: Final = ("items", "additionalProperties", "contentSchema")
_COMPARED: Final = frozenset(
    {"$ref", "anyOf", "type", "enum", "const", "properties", "required", *_PARTS, *_ANNOTATIONS}
)


class Comparison:
    """Walks two schemas of two documents together. `taken` for what comes in, `told` for what goes out."""

    def __init__(self, old: JsonObject, new: JsonObject) -> None:
        self._old = old
        self._new = new
        self._underway: set[tuple[str, str]] = set()

    def taken(self, old: JsonObject, new: JsonObject, at: str) -> Iterator[str]:
        return self._compare(old, new, at, incoming=True)

    def told(self, old: JsonObject, new: JsonObject, at: str) -> Iterator[str]:
        return self._compare(old, new, at, incoming=False)

    def _compare(self, old: JsonObject, new: JsonObject, at: str, *, incoming: bool) -> Iterator[str]:
        pair = (str(old.get("$ref")), str(new.get("$ref")))
        if pair in self._underway:  # a shape inside itself
            return
        named = "$ref" in old and "$ref" in new
        if named:
            self._underway.add(pair)
        before, after = _branches(old, self._old), _branches(new, self._new)
        yield from self._alternatives(before, after, at, incoming=incoming)
        if named:
            self._underway.remove(pair)

    def _alternatives(
        self, old: Mapping[str, JsonObject], new: Mapping[str, JsonObject], at: str, *, incoming: bool
    ) -> Iterator[str]:
        must, may = (old, new) if incoming else (new, old)
        anything = "anything" in may and not may["anything"].keys() & _COMPARED - _ANNOTATIONS
        missing = must.keys() - may.keys() - _implied(may.keys()) - {"nothing"}
        if missing and not anything:
            yield f"{at}: expected {' and '.join(sorted(missing))} {_demand(incoming=incoming)}"
        for kind in sorted(old.keys() & new.keys()):
            yield from self._same_kind(old[kind], new[kind], at, incoming=incoming)

    def _same_kind(self, old: JsonObject, new: JsonObject, at: str, *, incoming: bool) -> Iterator[str]:
        yield from _values(old, new, at, incoming=incoming)
        yield from _bounds(old, new, at, incoming=incoming)
        yield from self._fields(old, new, at, incoming=incoming)
        for keyword in _PARTS:
            ignored = keyword == "additionalProperties" and not incoming and "properties" in old
            if (keyword in old or keyword in new) and not ignored:  # clients ignore fields that they do not know
                before, after = _schema(old.get(keyword, True)), _schema(new.get(keyword, True))
                yield from self._compare(before, after, f"{at}.*", incoming=incoming)

    def _fields(self, old: JsonObject, new: JsonObject, at: str, *, incoming: bool) -> Iterator[str]:
        before, after = _object(old.get("properties", {})), _object(new.get("properties", {}))
        insisted, insists = _names(old), _names(new)
        for name, field in before.items():
            here = f"{at}.{name}"
            if name not in after:
                yield f"{here}: expected the field to stay, but it is gone"
                continue
            yield from self._compare(_object(field), _object(after[name]), here, incoming=incoming)
        if incoming:
            for name in sorted(insists - insisted):
                yield f"{at}.{name}: expected no new demand, but the field is required"
        else:
            for name in sorted(insisted - insists & before.keys()):
                if name in after:
                    yield f"{at}.{name}: expected the field always to be there, but it may be absent"


def _branches(node: JsonObject, document: JsonObject) -> Mapping[str, JsonObject]:
    """The alternatives of a schema by their JSON type; a second one of a type has its place in its name."""
    whole = _resolved(node, document)
    found: dict[str, JsonObject] = {}
    for branch in cast("Sequence[JsonObject]", whole.get("anyOf", [whole])):
        for resolved in _flat(branch, document):
            kind = str(resolved.get("type", "anything" if resolved.get("not") is None else "nothing"))
            found[kind if kind not in found else f"{kind} ({len(found) + 1})"] = resolved
    return found


def _flat(node: JsonObject, document: JsonObject) -> Iterator[JsonObject]:
    resolved = _resolved(node, document)
    if "anyOf" not in resolved:
        yield resolved
        return
    for branch in cast("Sequence[JsonObject]", resolved["anyOf"]):
        yield from _flat(branch, document)


def _implied(kinds: Set[str]) -> Set[str]:
    """Every integer is a number."""
    return {"integer"} if "number" in kinds else set()


def _values(old: JsonObject, new: JsonObject, at: str, *, incoming: bool) -> Iterator[str]:
    before, after = _allowed(old), _allowed(new)
    must, may = (before, after) if incoming else (after, before)
    if may is None:
        return
    for value in ["any value"] if must is None else sorted(must - may):
        yield f"{at}: expected {value} {_demand(incoming=incoming)}"


def _demand(*, incoming: bool) -> str:
    return "to stay allowed, but it is not" if incoming else "not to be answered, but it may be"


def _allowed(node: JsonObject) -> frozenset[str] | None:
    if "const" in node:
        return frozenset({dump_json(node["const"]).decode()})
    values = cast("Sequence[Json]", node["enum"]) if "enum" in node else None
    return None if values is None else frozenset(dump_json(value).decode() for value in values)


def _bounds(old: JsonObject, new: JsonObject, at: str, *, incoming: bool) -> Iterator[str]:
    """Of every keyword that narrows: a body may only lose it or widen it, an answer only gain it or narrow it."""
    for keyword in sorted((old.keys() | new.keys()) - _COMPARED):
        narrow, wide = (new, old) if incoming else (old, new)
        if keyword not in narrow or narrow[keyword] == wide.get(keyword):
            continue
        if keyword in wide and _within(keyword, narrow[keyword], wide[keyword]):
            continue
        before, after = (dump_json(node[keyword]).decode() if keyword in node else "absent" for node in (old, new))
        yield f"{at}: expected {keyword} to stay {before}, but it is {after}"


def _within(keyword: str, narrow: Json, wide: Json) -> bool:
    """Whether what should have been the narrower bound is none: it lets through at least as much as the wide one."""
    if not isinstance(narrow, int | float) or not isinstance(wide, int | float):
        return False
    if keyword in _LOWER:
        return narrow <= wide
    return keyword in _UPPER and narrow >= wide


def _resolved(node: JsonObject, document: JsonObject) -> JsonObject:
    reference = node.get("$ref")
    if not isinstance(reference, str):
        return node
    shapes = _object(_object(document["components"])["schemas"])
    return _resolved(_object(shapes[reference.rpartition("/")[2]]), document)


def _schema(node: Json) -> JsonObject:
    """A schema as an object: `true` allows anything, `false` nothing."""
    if isinstance(node, bool):
        return {} if node else {"not": {}}
    return _object(node)


def _names(node: JsonObject) -> frozenset[str]:
    return frozenset(cast("Sequence[str]", node.get("required", ())))


def _object(node: Json) -> JsonObject:
    return cast(JsonObject, node)
