"""Schemas that may be registered, and the hostile ones that may not, each in bounded time."""

import time
from typing import cast

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_gate import UnfitSchema, check_schema, compile_schema

GENEROUS_SECONDS = 5.0
DRAFT_7 = "http://json-schema.org/draft-07/schema#"


def _nested(levels: int) -> JsonObject:
    schema: JsonObject = {}
    for _ in range(levels):
        schema = {"not": schema}
    return schema


def _doubled(levels: int, keyword: str) -> JsonObject:
    """Each definition refers twice to the next: 2 ** levels evaluations on half a page."""
    definitions: JsonObject = {
        f"d{level}": {keyword: [{"$ref": f"#/$defs/d{level + 1}"}, {"$ref": f"#/$defs/d{level + 1}"}]}
        for level in range(levels)
    }
    return {"$defs": {**definitions, f"d{levels}": {"type": "integer"}}, "$ref": "#/$defs/d0"}


def _doubled_parts(levels: int) -> JsonObject:
    step = {f"d{n}": {"allOf": [{"properties": {"a": {"$ref": f"#/$defs/d{n + 1}"}}}] * 2} for n in range(levels)}
    return cast(JsonObject, {"$defs": {**step, f"d{levels}": {"type": "integer"}}, "$ref": "#/$defs/d0"})


TAKEN: dict[str, JsonObject] = {
    "empty": {},
    "2020-12 by name": {"$schema": "https://json-schema.org/draft/2020-12/schema", "type": "object"},
    "draft 7 with a list of items": {"$schema": DRAFT_7, "items": [{"type": "string"}]},
    "urn id": {"$id": "urn:example:summary", "type": "object"},
    "tree": {"type": "object", "properties": {"children": {"items": {"$ref": "#"}}}},
    "anchor": {"$defs": {"a": {"$anchor": "name", "type": "string"}}, "properties": {"x": {"$ref": "#name"}}},
    "escaped reference": {"$defs": {"a/b c": {}}, "properties": {"x": {"$ref": "#/$defs/a~1b%20c"}}},
    "usual patterns": {
        "properties": {"id": {"pattern": "^[0-9a-f]{8}-[0-9a-f]{4}$"}, "key": {"pattern": r"^[\w-]{1,64}$"}}
    },
    "a bracket and a question mark": {"pattern": r"^\(?i\)$"},
    "named and unnamed groups": {"pattern": "(?:a)(?<name>b)"},
    "nested as deep as allowed": _nested(31),
    "doubled a little": _doubled(8, "allOf"),
    "unknown keywords": {"x-widget": {"type": "slider"}, "examples": [1]},
}

REFUSED: dict[str, tuple[Json, str, str]] = {
    "a list": ([], "", "object"),
    "a boolean": (True, "", "object"),
    "too large": ({"enum": ["x" * 70_000]}, "", "65536 bytes"),
    "too deep": (_nested(40), "/not" * 32, "32 levels"),
    "too many": ({"properties": {f"p{n}": {} for n in range(1_001)}}, "", "1000 schemas"),
    "remote reference": ({"$ref": "http://127.0.0.1:1/x.json"}, "/$ref", "leads out"),
    "file reference": ({"items": {"$ref": "file:///etc/passwd"}}, "/items/$ref", "leads out"),
    "relative reference": ({"$ref": "other.json"}, "/$ref", "leads out"),
    "remote id": ({"$id": "https://example.com/s.json"}, "/$id", "urn:"),
    "inner id": ({"items": {"$id": "urn:x"}}, "/items/$id", "urn:"),
    "unknown dialect": ({"$schema": "http://json-schema.org/draft-04/schema#"}, "/$schema", "dialect"),
    "inner dialect": ({"items": {"$schema": DRAFT_7}}, "/items/$schema", "at the root only"),
    "dynamic reference": ({"$dynamicRef": "#x"}, "/$dynamicRef", "$ref"),
    "unresolvable reference": ({"$ref": "#/$defs/none"}, "/$ref", "#/$defs/none"),
    "unknown anchor": ({"$ref": "#none"}, "/$ref", "#none"),
    "reference to no schema": ({"enum": [{"a": 1}], "$ref": "#/enum/0"}, "/$ref", "#/enum/0"),
    "itself": ({"$ref": "#"}, "", "itself"),
    "itself by way of a definition": ({"$defs": {"a": {"$ref": "#/$defs/a"}}}, "/$defs/a", "itself"),
    "itself in allOf": ({"allOf": [{"anyOf": [{"$ref": "#"}]}]}, "", "itself"),
    "look-ahead": ({"pattern": "(?=a)b"}, "/pattern", "linear"),
    "back-reference": ({"patternProperties": {r"(a)\1": {}}}, r"/patternProperties/(a)\1", "linear"),
    "broken pattern": ({"items": {"pattern": "("}}, "/items/pattern", "linear"),
    "exploding counts": ({"pattern": "(a{1000}){1000}"}, "/pattern", "linear"),
    "flags": ({"pattern": "a(?i)b"}, "/pattern", "without flags"),
    "flags of a group": ({"patternProperties": {r"\\\\(?i:a)": {}}}, r"/patternProperties/\\\\(?i:a)", "without flags"),
    "flags and large classes": ({"pattern": "(?i)" + "[a-\U0010ffff]" * 500}, "/pattern", "without flags"),
    "a long pattern": ({"pattern": "a" * 5_000}, "/pattern", "4096 characters"),
    "many escapes": ({"properties": {"a": {"pattern": r"\w+" * 1_300}}}, "/properties/a/pattern", "simpler"),
    "divisor of nearly nothing": ({"items": {"multipleOf": 5e-324}}, "/items/multipleOf", "at least 1e-09"),
    "doubled allOf": (_doubled(24, "allOf"), "", "written out"),
    "doubled oneOf": (_doubled(24, "oneOf"), "", "written out"),
    "doubled parts": (_doubled_parts(24), "", "written out"),
    "costly patterns": (
        {"allOf": [{"pattern": f"[ab]*a[ab]{{{n}}}c"} for n in range(500, 600)]},
        "/allOf/60/pattern",
        "simpler patterns",
    ),
    "unknown type": ({"properties": {"a": {"type": "text"}}}, "/properties/a/type", "one or more of"),
    "wrong keyword value": ({"properties": {"a": {"minimum": "x"}}}, "/properties/a/minimum", 'not of type "number"'),
    "properties as a list": ({"properties": []}, "/properties", 'not of type "object"'),
    "list of items in 2020-12": ({"items": [{}]}, "/items", "not of type"),
    "objects as types": ({"type": [{"a": n} for n in range(6_000)]}, "/type", "list of names"),
    "objects as names": ({"required": [{"a": n} for n in range(6_000)]}, "/required", "list of names"),
    "names twice": ({"required": ["a"] * 8_000}, "/required", "non-unique"),
    "past 64 bits": ({"maximum": 10**30}, "", "64-bit"),
}


@pytest.mark.parametrize("name", TAKEN)
def test_a_fit_schema_is_taken_and_compiles(name: str) -> None:
    assert check_schema(TAKEN[name]) == []
    compile_schema(TAKEN[name])


@pytest.mark.parametrize("name", REFUSED)
def test_an_unfit_schema_is_refused_with_its_place_in_bounded_time(name: str) -> None:
    schema, path, word = REFUSED[name]
    started = time.monotonic()
    problems = check_schema(schema)
    assert time.monotonic() - started < GENEROUS_SECONDS
    assert problems[0].path == path
    assert word in problems[0].sentence
    assert problems[0].sentence.startswith("expected ")
    assert len(problems[0].sentence) < 500


def test_an_unfit_schema_does_not_compile() -> None:
    with pytest.raises(UnfitSchema, match="itself") as caught:
        compile_schema({"$ref": "#"})
    assert caught.value.problems


def test_several_problems_are_told_at_once() -> None:
    problems = check_schema({"properties": {"a": {"pattern": "("}, "b": {"$ref": "#/none"}}})
    assert {problem.path for problem in problems} == {"/properties/a/pattern", "/properties/b/$ref"}


JSON = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**40), 2**40) | st.floats(allow_nan=False) | st.text(max_size=8),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(
            st.sampled_from(
                "type items properties allOf anyOf $ref pattern enum not if then required $defs #/$defs/a a".split()
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=20,
)


@given(JSON)
def test_whatever_is_taken_also_compiles_and_answers(schema: Json) -> None:
    if check_schema(schema) == []:
        assert isinstance(schema, dict)
        gate = compile_schema(schema)
        values: list[Json] = [None, 1, "a", [1], {"a": 1}]
        for value in values:
            gate.violations(value)
