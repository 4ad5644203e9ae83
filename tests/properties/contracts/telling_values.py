"""Values that tell two schemas apart, if any do: at the edges of what their keywords say, and made to fit."""

from collections.abc import Iterator
from random import Random
from typing import Final

from libs.contracts.codec import Json, JsonObject
from tests.properties.contracts.random_schemas import NAMES, VALUES

_OTHER_NAMES: Final = ("zz", "x-2", "ab")
_HOW_MANY: Final = 60


def telling_values(schemas: tuple[JsonObject, JsonObject], random: Random) -> list[Json]:
    """About two hundred values, most of them made from what the schemas say."""
    scalars = [*VALUES, *(edge for schema in schemas for edge in _edges(schema))]
    loose = [_anything(random, scalars, 3) for _ in range(_HOW_MANY)]
    aimed = [_Aim(schema, random, scalars).at(schema, 4) for schema in schemas for _ in range(_HOW_MANY)]
    return [*scalars, *loose, *aimed]


def _edges(schema: Json) -> Iterator[Json]:
    """What stands in a schema, and the numbers and texts just beside it."""
    if isinstance(schema, dict):
        for keyword, value in schema.items():
            if keyword == "const":
                yield value
            elif keyword == "enum" and isinstance(value, list):
                yield from value
            elif isinstance(value, int | float) and not isinstance(value, bool):
                yield from (value, value - 1, value + 1, value + 0.5, float(value), value * 2, -value)
                if keyword.endswith("Length"):
                    yield from ("a" * max(0, int(value) + step) for step in (-1, 0, 1))
            else:
                yield from _edges(value)
    elif isinstance(schema, list):
        for one in schema:
            yield from _edges(one)


def _anything(random: Random, scalars: list[Json], depth: int) -> Json:
    kind = random.random()
    if not depth or kind < 0.4:
        return random.choice(scalars)
    if kind < 0.65:
        return [_anything(random, scalars, depth - 1) for _ in range(random.randint(0, 3))]
    names = random.sample((*NAMES, *_OTHER_NAMES), random.randint(0, 4))
    return {name: _anything(random, scalars, depth - 1) for name in names}


class _Aim:
    """Makes values that fit a schema more often than not; where a schema is too clever, something near it."""

    def __init__(self, root: JsonObject, random: Random, scalars: list[Json]) -> None:
        self._root = root
        self._random = random
        self._scalars = scalars

    def at(self, schema: Json, depth: int) -> Json:
        if not isinstance(schema, dict) or not depth or self._random.random() < 0.05:
            return _anything(self._random, self._scalars, min(depth, 1))
        if "const" in schema:
            return schema["const"]
        if isinstance(schema.get("enum"), list):
            return self._random.choice(list(_edges({"enum": schema["enum"]})))
        followed = self._followed(schema)
        if followed is not None and self._random.random() < 0.8:
            value = self.at(followed, depth - 1)
            return {**self._object(schema, depth), **value} if isinstance(value, dict) else value
        return self._of_kind(schema, depth)

    def _followed(self, schema: JsonObject) -> Json:
        """One of the schemas that the value has to fit besides."""
        reference = schema.get("$ref")
        if isinstance(reference, str):
            target: Json = self._root
            for step in reference.split("/")[1:]:
                target = target[step] if isinstance(target, dict) else None
            return target
        branches = [one for keyword in ("allOf", "anyOf", "oneOf") for one in _list(schema.get(keyword))]
        branches += [schema[keyword] for keyword in ("then", "else") if keyword in schema]
        return self._random.choice(branches) if branches else None

    def _of_kind(self, schema: JsonObject, depth: int) -> Json:
        declared = schema.get("type")
        kinds = declared if isinstance(declared, list) else [declared]
        kind = self._random.choice(kinds) or self._random.choice(("object", "array", "scalar"))
        if kind == "object":
            return self._object(schema, depth)
        if kind == "array":
            return self._array(schema, depth)
        fitting = [one for one in self._scalars if kind == "scalar" or _kind_of(one, str(kind))]
        return self._random.choice(fitting or self._scalars)

    def _object(self, schema: JsonObject, depth: int) -> JsonObject:
        named = schema.get("properties")
        properties: JsonObject = named if isinstance(named, dict) else {}
        keyed = schema.get("patternProperties")
        others = [schema.get("additionalProperties", True), *(keyed.values() if isinstance(keyed, dict) else ())]
        names = [str(name) for name in _list(schema.get("required"))]
        names += [name for name in (*properties, *NAMES, *_OTHER_NAMES) if self._random.random() < 0.35]
        chosen = {name: properties.get(name, self._random.choice(others)) for name in names}
        return {name: self.at(one, depth - 1) for name, one in chosen.items()}

    def _array(self, schema: JsonObject, depth: int) -> Json:
        listed = schema.get("prefixItems", schema.get("items"))
        schemas = [*(listed if isinstance(listed, list) else [])]
        rest = schema.get("additionalItems" if isinstance(schema.get("items"), list) else "items", True)
        schemas += [schema.get("contains", rest), rest, rest]
        return [self.at(one, depth - 1) for one in schemas[: self._random.randint(0, len(schemas))]]


def _list(value: Json) -> list[Json]:
    return value if isinstance(value, list) else []


def _kind_of(value: Json, name: str) -> bool:
    kinds: dict[str, tuple[type, ...]] = {
        "null": (type(None),),
        "boolean": (bool,),
        "string": (str,),
        "integer": (int,),
        "number": (int, float),
    }
    return isinstance(value, kinds.get(name, ())) and (name == "boolean" or not isinstance(value, bool))
