"""Random pairs of schemas: small ones that use every keyword, and the changes that people make to a schema."""

from collections.abc import Sequence
from copy import deepcopy
from random import Random
from typing import Final

from libs.contracts.codec import Json, JsonObject

DRAFT_7: Final = "http://json-schema.org/draft-07/schema#"
NAMES: Final = ("a", "b", "x-1")
PATTERNS: Final = ("^x-", "^a", "b$", "^[ab]$")
TYPES: Final = ("null", "boolean", "object", "array", "string", "integer", "number")
_SCALARS: Final[list[Json]] = [
    *(None, True, False, 0, 1, 2, 3, 6, -1, 1.0, 1.5, 2.0, "", "a", "ab", "abc", "x-1", 2**53, float(2**53)),
]
_LISTED: Final[list[Json]] = [[], [1], ["a"], [1, 1.0]]
_OBJECTS: Final[list[Json]] = [{}, {"a": 1}, {"b": "a"}, {"a": 1, "b": 2}, {"x-1": 1}]
VALUES: Final = (*_SCALARS, *_LISTED, *_OBJECTS)

_NAME_RULES: Final[list[Json]] = [{"maxLength": 1}, {"enum": ["a", "b"]}, {"pattern": "^x-"}, {"not": {"const": "b"}}]
_BOTH: Final = (
    "type type enum const multipleOf minimum maximum exclusiveMinimum exclusiveMaximum minLength maxLength pattern "
    "minItems maxItems uniqueItems items listed contains properties properties required required patternProperties "
    "additionalProperties additionalProperties propertyNames minProperties maxProperties allOf anyOf anyOf oneOf not "
    "if dependencies $ref"
).split()
_BY_DRAFT: Final = {
    True: [*_BOTH, "content", "additionalItems"],
    False: [*_BOTH, *"dependentRequired dependentSchemas unevaluatedProperties unevaluatedItems counted".split()],
}
_RANGE: Final = "minimum maximum exclusiveMinimum exclusiveMaximum multipleOf enum".split()
_OF_TYPE: Final = {
    "integer": _RANGE,
    "number": _RANGE,
    "string": "minLength maxLength pattern enum const".split(),
    "array": "minItems maxItems uniqueItems items listed contains".split(),
    "object": "properties properties required additionalProperties patternProperties maxProperties anyOf".split(),
}
"""Keywords that mean something to a value of that type."""
_NEAR: Final = {"integer": "number", "number": "integer"}
_SIZES: Final = frozenset("minLength maxLength minItems maxItems minProperties maxProperties".split())
_LIMITS: Final = frozenset("minimum maximum exclusiveMinimum exclusiveMaximum".split())
_SIMPLE: Final[dict[str, tuple[Json, ...]]] = {
    **dict.fromkeys(_SIZES, (0, 1, 2, 3)),
    **dict.fromkeys(_LIMITS, (0, 1, 2, 3, 1.5, 0.5, -1)),
    "const": VALUES,
    "multipleOf": (1, 2, 3, 0.5, 6, 1.5),
    "pattern": PATTERNS,
    "propertyNames": (*_NAME_RULES,),
    "uniqueItems": (True, True, False),
}
_ONE: Final = frozenset("items additionalItems additionalProperties unevaluatedProperties unevaluatedItems not".split())
_LISTS: Final = frozenset("allOf anyOf oneOf".split())
_BY_NAME: Final = frozenset("properties patternProperties dependentSchemas dependencies $defs definitions".split())
_FRAME: Final = frozenset({"$schema", "$defs", "definitions"})


class Author:
    """Writes schemas of one draft, and changes them."""

    def __init__(self, random: Random) -> None:
        self._random = random
        self._is_draft_7 = random.random() < 0.3
        self._definitions = "definitions" if self._is_draft_7 else "$defs"
        self._references: list[str] = []
        if random.random() < 0.3:
            self._references = [f"#/{self._definitions}/{name}" for name in "rs"]

    def document(self) -> JsonObject:
        """A whole schema; two definitions at the most, which may refer to the whole."""
        schema = self._object(self._random.choice((1, 1, 1, 2, 2, 3)))
        if self._references:
            schema[self._definitions] = {"r": self._schema(2), "s": self._schema(1)}
        return {"$schema": DRAFT_7, **schema} if self._is_draft_7 else schema

    def changed(self, schema: JsonObject) -> JsonObject:
        """The schema after a few changes; sometimes after none."""
        schema = deepcopy(schema)
        for _ in range(self._random.choice((0, 1, 1, 1, 2, 3))):
            self._change(self._random.choice(list(_objects(schema))))
        return schema

    def _schema(self, depth: int) -> Json:
        if depth and self._random.random() > 0.08:
            return self._object(depth)
        leaves: list[Json] = [True, False, {}, {"type": self._random.choice(TYPES)}, {"type": "string"}]
        leaves.append({"const": self._random.choice(VALUES)})
        leaves += [_reference(one) for one in self._references]
        return deepcopy(self._random.choice(leaves))

    def _object(self, depth: int) -> JsonObject:
        schema: JsonObject = {}
        keywords = _BY_DRAFT[self._is_draft_7]
        if self._random.random() < 0.6:
            schema["type"] = self._random.choice(sorted(_OF_TYPE))
            keywords = _OF_TYPE[str(schema["type"])]
        for _ in range(self._random.choice((1, 1, 2, 2, 3, 4))):
            schema.update(self._assertion(depth - 1, keywords))
        return schema

    def _assertion(self, depth: int, keywords: Sequence[str]) -> JsonObject:
        keyword = self._random.choice(keywords)
        if keyword in _ONE or keyword in _LISTS or keyword in _BY_NAME:
            return {keyword: self._applied(keyword, max(depth, 0))}
        if keyword in {"listed", "contains", "if", "counted", "content", "$ref"}:
            return self._together(keyword, max(depth, 0))
        return {keyword: self._plain(keyword)}

    def _plain(self, keyword: str) -> Json:
        choices = _SIMPLE.get(keyword)
        if choices is not None:
            return deepcopy(self._random.choice(choices))
        if keyword == "enum":
            return [deepcopy(self._random.choice(VALUES)) for _ in range(self._random.choice((1, 2, 3)))]
        if keyword == "dependentRequired":
            return {self._random.choice(NAMES): [self._random.choice(NAMES)]}
        return [*self._some(TYPES, 4)] if keyword == "type" else [*self._some(NAMES, 2)]

    def _applied(self, keyword: str, depth: int) -> Json:
        if keyword in _LISTS:
            return [self._schema(depth) for _ in range(self._random.choice((1, 2, 3)))]
        if keyword in _ONE:
            closes = keyword != "not" and self._random.random() < 0.5
            return False if closes else self._schema(depth)
        names = self._some(PATTERNS if keyword == "patternProperties" else NAMES, 3)
        if keyword == "dependencies" and self._random.random() < 0.5:
            return {names[0]: [self._random.choice(NAMES)]}
        return {name: self._schema(depth) for name in names}

    def _together(self, keyword: str, depth: int) -> JsonObject:
        """Keywords that go with others."""
        maybe = self._random.random() < 0.6
        match keyword:
            case "listed":
                listed = "items" if self._is_draft_7 else "prefixItems"
                rest = "additionalItems" if self._is_draft_7 else "items"
                schemas = [self._schema(depth) for _ in range(self._random.choice((1, 2)))]
                return {listed: schemas, **({rest: self._schema(depth)} if maybe else {})}
            case "contains":
                return {"contains": self._schema(depth)}
            case "counted":
                limits: JsonObject = {
                    self._random.choice(("minContains", "maxContains")): self._random.choice((0, 1, 2))
                }
                return {"contains": self._schema(depth), **limits}
            case "if":
                then: JsonObject = {"then": self._schema(depth)}
                otherwise: JsonObject = {"else": self._schema(depth)}
                return {"if": self._schema(depth), **then, **(otherwise if maybe else {})}
            case "content":
                return {"contentEncoding": "base64"} if maybe else {"contentMediaType": "application/json"}
        return {"$ref": self._random.choice(self._references)} if self._references else {"minLength": 1}

    def _change(self, spot: JsonObject) -> None:
        keywords = [keyword for keyword in spot if keyword not in _FRAME]
        changes = [self._add, self._note, self._wrap, self._widen_type, self._reorder, self._exclude_ends]
        if keywords:
            changes += [self._drop, self._drop, self._vary, self._vary, *[self._redo] * 6]
        self._random.choice(changes)(spot)

    def _add(self, spot: JsonObject) -> None:
        spot.update(self._assertion(1, _BY_DRAFT[self._is_draft_7]))

    def _redo(self, spot: JsonObject) -> None:
        """One keyword says something else."""
        keyword = self._random.choice([keyword for keyword in spot if keyword not in _FRAME])
        if keyword in _SIMPLE or keyword in {"type", "required", "enum"}:
            near = _NEAR.get(str(spot[keyword])) if self._random.random() < 0.5 else None
            spot[keyword] = near or self._plain(keyword)

    def _exclude_ends(self, spot: JsonObject) -> None:
        for keyword, other in (("minimum", "exclusiveMinimum"), ("maximum", "exclusiveMaximum")):
            if keyword in spot:
                spot[other] = spot.pop(keyword)
            elif other in spot:
                spot[keyword] = spot.pop(other)

    def _note(self, spot: JsonObject) -> None:
        spot[self._random.choice(("title", "description", "$comment"))] = "changed"

    def _drop(self, spot: JsonObject) -> None:
        spot.pop(self._random.choice([keyword for keyword in spot if keyword not in _FRAME]))

    def _wrap(self, spot: JsonObject) -> None:
        """What was there becomes one alternative or one part."""
        inner: JsonObject = {keyword: spot.pop(keyword) for keyword in list(spot) if keyword not in _FRAME}
        branches: list[Json] = [inner, *([self._schema(1)] if self._random.random() < 0.6 else [])]
        self._random.shuffle(branches)
        spot[self._random.choice(sorted(_LISTS))] = branches

    def _widen_type(self, spot: JsonObject) -> None:
        if isinstance(spot.get("type"), str):
            spot["type"] = [spot["type"], *(name for name in self._some(TYPES, 1) if name != spot["type"])]

    def _reorder(self, spot: JsonObject) -> None:
        members = list(spot.items())
        self._random.shuffle(members)
        spot.clear()
        spot.update(members)

    def _vary(self, spot: JsonObject) -> None:
        """A list loses or gains a member, a number grows or shrinks."""
        keyword = self._random.choice([keyword for keyword in spot if keyword not in _FRAME])
        value = spot[keyword]
        if isinstance(value, list) and len(value) > 1 and self._random.random() < 0.5:
            value.pop(self._random.randrange(len(value)))
        elif isinstance(value, list) and keyword == "enum":
            value.append(deepcopy(self._random.choice(VALUES)))
        elif isinstance(value, list) and keyword in _LISTS:
            value.append(self._schema(1))
        elif isinstance(value, int) and not isinstance(value, bool) and keyword in _SIZES | _LIMITS:
            spot[keyword] = max(0, value + self._random.choice((-1, 1)))

    def _some(self, names: tuple[str, ...], most: int) -> list[str]:
        return self._random.sample(names, self._random.randint(1, min(most, len(names))))


def pair(random: Random) -> tuple[JsonObject, JsonObject]:
    """Mostly a schema and what became of it; now and then two that have nothing to do with each other."""
    author = Author(random)
    schema = author.document()
    return schema, author.changed(schema) if random.random() < 0.85 else Author(random).document()


def _reference(target: str) -> JsonObject:
    return {"$ref": target}


def _objects(schema: JsonObject) -> "list[JsonObject]":
    """The schema and every schema object inside it."""
    found = [schema]
    for keyword, value in schema.items():
        inner: list[Json] = []
        if keyword in _BY_NAME and isinstance(value, dict):
            inner = list(value.values())
        elif keyword in _LISTS or keyword in {"prefixItems", "items"}:
            inner = value if isinstance(value, list) else [value]
        elif keyword in _ONE or keyword in {"if", "then", "else", "contains", "propertyNames"}:
            inner = [value]
        for one in inner:
            if isinstance(one, dict):
                found += _objects(one)
    return found
