"""Where a value breaks a schema: a search that follows only what is invalid and stops at a named limit.

The validator itself can list its errors, but it lists those inside every branch of every `oneOf` too, which takes half
a minute for a tree that is five levels deep. Here a branch is asked only whether it fits.
"""

from collections import deque
from collections.abc import Iterator
from dataclasses import dataclass
from itertools import islice
from typing import Final

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_sentences import SENTENCES
from libs.contracts.schema_shape import child_pointer
from libs.contracts.schema_validators import Validators

MAX_VIOLATIONS: Final = 20
MAX_VISITS: Final = 500
MAX_MEMBERS: Final = 5_000
"""Of one object, fewer where each has to be matched with patterns. A fault behind them is told of the object itself."""
_POINTER_CHARS = 200


@dataclass(frozen=True)
class Violation:
    """What a schema holds against a value: the JSON pointer into the value ("" is all of it) and a sentence."""

    pointer: str
    message: str


@dataclass(frozen=True)
class _Spot:
    """A schema that refuses a part of the value, both by pointer."""

    schema: str
    value: Json
    pointer: str


def find_faults(validators: Validators, value: Json, most_visits: int = MAX_VISITS) -> list[Violation]:
    """The violations of a value that is known to be invalid: one at least, twenty at most. A visit may take as long as
    the check of the whole value."""
    search = _Search(validators, most_visits)
    found = list(islice(search.violations(_Spot("", value, "")), MAX_VIOLATIONS))
    return found or [Violation(_short(search.last.pointer), "expected a value that fits the schema, but it does not")]


class _Search:
    def __init__(self, validators: Validators, most_visits: int) -> None:
        self._validators = validators
        self._most_visits = most_visits
        self.last = _Spot("", None, "")

    def violations(self, start: _Spot) -> Iterator[Violation]:
        pending = deque([start])
        for _ in range(self._most_visits):
            if not pending:
                return
            spot = pending.popleft()
            self.last = spot
            schema = self._validators.schema_at(spot.schema)
            if isinstance(schema, bool):
                yield Violation(_short(spot.pointer), "expected nothing here, but there is a value")
                continue
            if not (self._validators.is_draft_7 and "$ref" in schema):
                yield from self._assertions(spot, schema)
                yield from self._choices(spot, schema)
            pending.extend(islice(self._inner(spot, schema), MAX_VIOLATIONS))

    def _assertions(self, spot: _Spot, schema: JsonObject) -> Iterator[Violation]:
        for keyword, sentence in SENTENCES.items():
            if keyword in schema and self._validators.breaks_keyword(spot.schema, keyword, spot.value):
                yield Violation(_short(spot.pointer), sentence(schema[keyword], spot.value))

    def _choices(self, spot: _Spot, schema: JsonObject) -> Iterator[Violation]:
        """Keywords whose branches are only asked whether they fit."""
        for keyword, wanted in (("anyOf", "at least one"), ("oneOf", "exactly one")):
            branches = schema.get(keyword)
            if isinstance(branches, list):
                refused = [self._refuses(spot, keyword, place) for place in range(len(branches))]
                fitting = refused.count(False)
                if not fitting or (keyword == "oneOf" and fitting > 1):
                    told = f"expected a value that fits {wanted} of {len(branches)} ({keyword}), but it fits {fitting}"
                    yield Violation(_short(spot.pointer), told)
        if "not" in schema and not self._refuses(spot, "not"):
            yield Violation(
                _short(spot.pointer), "expected a value that does not fit the schema under not, but it fits"
            )

    def _inner(self, spot: _Spot, schema: JsonObject) -> Iterator[_Spot]:
        """The schemas below this one that refuse the value or a part of it."""
        for pointer, value, at in self._applied(spot, schema):
            if self._validators.is_invalid(pointer, value):
                yield _Spot(pointer, value, at)

    def _applied(self, spot: _Spot, schema: JsonObject) -> Iterator[tuple[str, Json, str]]:
        reference = schema.get("$ref")
        target = self._validators.target_of(reference) if isinstance(reference, str) else None
        if target is not None:
            yield target, spot.value, spot.pointer
        if target is not None and self._validators.is_draft_7:
            return
        for pointer in self._in_place(spot, schema):
            yield pointer, spot.value, spot.pointer
        if isinstance(spot.value, dict):
            yield from self._of_members(spot, schema, spot.value)
        elif isinstance(spot.value, list):
            yield from self._of_items(spot, schema, spot.value)

    def _in_place(self, spot: _Spot, schema: JsonObject) -> Iterator[str]:
        every = schema.get("allOf")
        if isinstance(every, list):
            yield from (child_pointer(spot.schema, "allOf", place) for place in range(len(every)))
        if "if" in schema:
            branch = "else" if self._refuses(spot, "if") else "then"
            if branch in schema:
                yield child_pointer(spot.schema, branch)
        for keyword in ("dependentSchemas", "dependencies"):
            dependent = schema.get(keyword)
            if isinstance(dependent, dict) and isinstance(spot.value, dict):
                keys = (key for key in dependent if key in spot.value and not isinstance(dependent[key], list))
                yield from (child_pointer(spot.schema, keyword, key) for key in keys)

    def _of_members(self, spot: _Spot, schema: JsonObject, members: JsonObject) -> Iterator[tuple[str, Json, str]]:
        keyed = schema.get("patternProperties")
        looked_at = MAX_MEMBERS // (1 + (len(keyed) if isinstance(keyed, dict) else 0))
        for key, member in islice(members.items(), 1 + looked_at):
            at = child_pointer(spot.pointer, key)
            if "propertyNames" in schema:
                yield child_pointer(spot.schema, "propertyNames"), key, at
            for pointer in self._schemas_of_key(spot.schema, schema, key):
                yield pointer, member, at

    def _schemas_of_key(self, pointer: str, schema: JsonObject, key: str) -> list[str]:
        named, keyed = schema.get("properties"), schema.get("patternProperties")
        found = [child_pointer(pointer, "properties", key)] if isinstance(named, dict) and key in named else []
        if isinstance(keyed, dict):
            hits = (pattern for pattern in keyed if self._validators.matches(pattern, key))
            found += [child_pointer(pointer, "patternProperties", pattern) for pattern in hits]
        if not found and "additionalProperties" in schema:
            found = [child_pointer(pointer, "additionalProperties")]
        return found

    def _of_items(self, spot: _Spot, schema: JsonObject, items: list[Json]) -> Iterator[tuple[str, Json, str]]:
        """`prefixItems` and `items` of 2020-12; a list of `items` and `additionalItems` of draft 7."""
        listed = "prefixItems" if "prefixItems" in schema else "items"
        prefix = schema.get(listed)
        first = prefix if isinstance(prefix, list) else []
        rest = "additionalItems" if listed == "items" and isinstance(prefix, list) else "items"
        for place, item in enumerate(items[: len(first)]):
            yield child_pointer(spot.schema, listed, place), item, child_pointer(spot.pointer, place)
        if rest in schema and not isinstance(schema[rest], list):
            pointer = child_pointer(spot.schema, rest)
            for place in self._refused_places(pointer, items, len(first)):
                yield pointer, items[place], child_pointer(spot.pointer, place)

    def _refused_places(self, pointer: str, items: list[Json], first: int) -> Iterator[int]:
        """By halves: one fault among a hundred thousand items is found in seventeen looks."""
        pending = [(first, len(items))]
        while pending:
            start, end = pending.pop()
            if start < end and self._validators.is_any_invalid(pointer, items[start:end]):
                middle = (start + end) // 2
                if end - start == 1:
                    yield start
                else:
                    pending += [(middle, end), (start, middle)]

    def _refuses(self, spot: _Spot, *tokens: str | int) -> bool:
        return self._validators.is_invalid(child_pointer(spot.schema, *tokens), spot.value)


def _short(pointer: str) -> str:
    return pointer if len(pointer) <= _POINTER_CHARS else pointer[:_POINTER_CHARS] + "…"
