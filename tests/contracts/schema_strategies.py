"""Values that a published schema allows, and small damage to them: to try the agreement of schema and class on."""

from collections.abc import Callable, Mapping
from datetime import UTC
from typing import cast

from hypothesis import strategies as st
from hypothesis.strategies import SearchStrategy

from libs.contracts.codec import Json, JsonObject
from libs.contracts.envelope import format_time

INTEGERS = st.integers(-(1 << 63), (1 << 63) - 1)
FLOATS = st.floats(allow_nan=False, allow_infinity=False).filter(lambda number: not number.is_integer())
"""Without whole ones: JSON Schema calls `1.0` an integer, Mobius writes and reads integers without a fraction."""
TEXTS = st.text(st.characters(exclude_categories=["Cs"]), max_size=20)
MOMENTS = st.datetimes(timezones=st.just(UTC)).map(format_time)

SCALARS: SearchStrategy[Json] = st.none() | st.booleans() | INTEGERS | FLOATS | TEXTS | MOMENTS
_NESTED = st.lists(SCALARS, max_size=2) | st.dictionaries(TEXTS, SCALARS, max_size=2)
JSON: SearchStrategy[Json] = cast(
    SearchStrategy[Json], SCALARS | _NESTED | st.dictionaries(TEXTS, SCALARS | _NESTED, max_size=2)
)


def allowed(node: JsonObject, root: JsonObject) -> SearchStrategy[Json]:
    """Values that hold against `node`; knows the keywords that the generator writes, and fails on others."""
    if "$ref" in node:
        name = str(node["$ref"]).removeprefix("#/$defs/")
        return allowed(cast("dict[str, JsonObject]", root["$defs"])[name], root)
    if "anyOf" in node:
        return st.one_of([allowed(branch, root) for branch in cast("list[JsonObject]", node["anyOf"])])
    if "const" in node or "enum" in node:
        return st.sampled_from(cast("list[Json]", node.get("enum", [node.get("const")])))
    if "type" not in node:
        return JSON
    return BY_TYPE[str(node["type"])](node, root)


def damaged(value: Json) -> SearchStrategy[Json]:
    """`value` with one part, anywhere in it, dropped, replaced or added."""
    here: SearchStrategy[Json] = JSON
    if isinstance(value, dict) and value:
        drop = st.sampled_from(sorted(value)).map(
            lambda gone: {key: part for key, part in value.items() if key != gone}
        )
        inside = st.sampled_from(sorted(value)).flatmap(
            lambda key: damaged(value[key]).map(lambda part: cast(Json, {**value, key: part}))
        )
        add = st.tuples(TEXTS, JSON).map(lambda extra: {extra[0]: extra[1], **value})
        return st.one_of(cast(SearchStrategy[Json], drop), inside, inside, cast(SearchStrategy[Json], add), here)
    if isinstance(value, list) and value:
        inside = st.integers(0, len(value) - 1).flatmap(
            lambda at: damaged(value[at]).map(lambda part: cast(Json, [*value[:at], part, *value[at + 1 :]]))
        )
        return st.one_of(inside, st.just(cast(Json, value[1:])), here)
    return here


def _objects(node: JsonObject, root: JsonObject) -> SearchStrategy[Json]:
    if "properties" not in node:
        values = node.get("additionalProperties", True)
        parts = JSON if isinstance(values, bool) else allowed(cast(JsonObject, values), root)
        return cast(SearchStrategy[Json], st.dictionaries(TEXTS, parts, max_size=3))
    fields = cast("dict[str, JsonObject]", node["properties"])
    required = cast("list[str]", node.get("required", []))
    return cast(
        SearchStrategy[Json],
        st.fixed_dictionaries(
            {name: allowed(fields[name], root) for name in required},
            optional={name: allowed(field, root) for name, field in fields.items() if name not in required},
        ),
    )


def _arrays(node: JsonObject, root: JsonObject) -> SearchStrategy[Json]:
    if "prefixItems" in node:
        places = [allowed(place, root) for place in cast("list[JsonObject]", node["prefixItems"])]
        return st.tuples(*places).map(lambda values: cast(Json, list(values)))
    return cast(SearchStrategy[Json], st.lists(allowed(cast(JsonObject, node["items"]), root), max_size=3))


def _integers(node: JsonObject, _: JsonObject) -> SearchStrategy[Json]:
    return st.integers(cast(int, node.get("minimum", -(1 << 63))), cast(int, node.get("maximum", (1 << 63) - 1)))


def _strings(node: JsonObject, _: JsonObject) -> SearchStrategy[Json]:
    if node.get("format") == "date-time":
        return MOMENTS
    if "pattern" in node:
        return st.from_regex(str(node["pattern"]).replace("$", r"\Z")).filter(str.isprintable)
    least, most = cast(int, node.get("minLength", 0)), cast(int, node.get("maxLength", 20))
    return st.text(st.characters(exclude_categories=["Cs"]), min_size=least, max_size=min(most, 20))


BY_TYPE: Mapping[str, Callable[[JsonObject, JsonObject], SearchStrategy[Json]]] = {
    "object": _objects,
    "array": _arrays,
    "string": _strings,
    "integer": _integers,
    "boolean": lambda node, root: st.booleans(),
    "null": lambda node, root: st.none(),
}
