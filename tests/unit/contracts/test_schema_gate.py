"""What the gate holds against values: where, in which words, and never for long."""

import time
from typing import cast

import jsonschema_rs
import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.codec import Json, JsonObject, parse_json
from libs.contracts.schema_gate import MAX_VIOLATIONS, compile_schema

GENEROUS_SECONDS = 5.0
DRAFT_7 = "http://json-schema.org/draft-07/schema#"

# name: schema, value, the pointer and a word of the first violation
BROKEN: dict[str, tuple[JsonObject, Json, str, str]] = {
    "type": ({"type": "string"}, 1, "", "the type string, but it is an integer"),
    "types": ({"type": ["string", "null"]}, [], "", "string or null, but it is an array"),
    "true is no integer": ({"type": "integer"}, True, "", "a boolean"),
    "1.5 is no integer": ({"type": "integer"}, 1.5, "", "a number"),
    "required": ({"required": ["a", "b"]}, {"a": 1}, "", '["b"] is missing'),
    "const": ({"const": 1}, 2, "", "expected 1, but"),
    "const past a double": ({"const": 9007199254740993}, 9007199254740992, "", "9007199254740993"),
    "enum": ({"enum": ["a", "b"]}, "c", "", '["a","b"]'),
    "minimum": ({"minimum": 5}, 4, "", "at least 5, but it is 4"),
    "maximum": ({"maximum": 5}, 5.5, "", "at most 5, but it is 5.5"),
    "exclusiveMinimum": ({"exclusiveMinimum": 5}, 5, "", "more than 5"),
    "exclusiveMaximum": ({"exclusiveMaximum": 5}, 5, "", "less than 5"),
    "multipleOf": ({"multipleOf": 3}, 4, "", "multiple of 3"),
    "a huge integer": ({"maximum": 5}, 10**4000, "", "at most 5"),
    "minLength": ({"minLength": 3}, "ab", "", "at least 3 characters, but it has 2"),
    "maxLength": ({"maxLength": 1}, "ab", "", "at most 1 characters, but it has 2"),
    "pattern": ({"pattern": "^a"}, "b", "", '"^a"'),
    "minItems": ({"minItems": 1}, [], "", "at least 1 items"),
    "maxItems": ({"maxItems": 1}, [1, 2], "", "at most 1 items"),
    "uniqueItems": ({"uniqueItems": True}, [{"a": 1}, {"a": 1.0}], "", "some are equal"),
    "minProperties": ({"minProperties": 1}, {}, "", "at least 1 properties"),
    "maxProperties": ({"maxProperties": 1}, {"a": 1, "b": 2}, "", "at most 1 properties"),
    "dependentRequired": ({"dependentRequired": {"a": ["b"]}}, {"a": 1}, "", "together"),
    "properties": ({"properties": {"a/b~c é%": {"type": "string"}}}, {"a/b~c é%": 1}, "/a~1b~0c é%", "string"),
    "patternProperties": ({"patternProperties": {"^x-": {"type": "string"}}}, {"x-a": 1}, "/x-a", "string"),
    "additionalProperties": (
        {"properties": {"a": {}}, "additionalProperties": False},
        {"a": 1, "b": 1},
        "/b",
        "nothing",
    ),
    "additional schema": ({"additionalProperties": {"type": "null"}}, {"b": 1}, "/b", "null"),
    "propertyNames": ({"propertyNames": {"maxLength": 1}}, {"ab": 1}, "/ab", "at most 1"),
    "items": ({"items": {"type": "string"}}, ["a", 1], "/1", "string"),
    "prefixItems": ({"prefixItems": [{}, {"type": "null"}], "items": False}, [1, 2], "/1", "null"),
    "items after prefixItems": ({"prefixItems": [{}], "items": False}, [1, 2], "/1", "nothing"),
    "draft 7 items": ({"$schema": DRAFT_7, "items": [{"type": "null"}]}, [1], "/0", "null"),
    "draft 7 additionalItems": ({"$schema": DRAFT_7, "items": [{}], "additionalItems": False}, [1, 2], "/1", "nothing"),
    "draft 7 ignores what stands beside $ref": (
        {
            "$schema": DRAFT_7,
            "definitions": {"s": {"type": "string"}},
            "items": {"$ref": "#/definitions/s", "maxLength": 0},
        },
        ["long", 1],
        "/1",
        "string",
    ),
    "draft 7 dependencies": ({"$schema": DRAFT_7, "dependencies": {"a": {"required": ["b"]}}}, {"a": 1}, "", '["b"]'),
    "contains": ({"contains": {"type": "string"}}, [1], "", "fits the schema"),
    "unevaluatedProperties": (
        {"properties": {"a": {}}, "unevaluatedProperties": False},
        {"b": 1},
        "",
        "fits the schema",
    ),
    "allOf": ({"allOf": [{}, {"minimum": 3}]}, 1, "", "at least 3"),
    "anyOf": ({"anyOf": [{"type": "string"}, {"type": "null"}]}, 1, "", "at least one of 2 (anyOf), but it fits 0"),
    "oneOf none": ({"oneOf": [{"type": "string"}, {"type": "null"}]}, 1, "", "exactly one of 2 (oneOf), but it fits 0"),
    "oneOf both": ({"oneOf": [{"type": "string"}, {"maxLength": 5}]}, "a", "", "but it fits 2"),
    "not": ({"not": {"type": "string"}}, "a", "", "not fit the schema under not"),
    "then": ({"if": {"type": "string"}, "then": {"minLength": 3}}, "a", "", "at least 3"),
    "else": ({"if": {"type": "string"}, "else": {"minimum": 3}}, 1, "", "at least 3"),
    "dependentSchemas": ({"dependentSchemas": {"a": {"required": ["b"]}}}, {"a": 1}, "", '["b"]'),
    "tree": ({"type": "object", "additionalProperties": {"$ref": "#"}}, {"a": {"b": 3}}, "/a/b", "object"),
    "urn id": (
        {"$id": "urn:x", "properties": {"a": {"$ref": "#/$defs/s"}}, "$defs": {"s": {"type": "null"}}},
        {"a": 1},
        "/a",
        "null",
    ),
    "false": ({"properties": {"a": False}}, {"a": 1}, "/a", "nothing"),
}


@pytest.mark.parametrize("name", BROKEN)
def test_a_violation_tells_its_place_and_what_was_expected(name: str) -> None:
    schema, value, pointer, word = BROKEN[name]
    first = compile_schema(schema).violations(value)[0]
    assert first.pointer == pointer
    assert first.message.startswith("expected ")
    assert ", but " in first.message
    assert word in first.message


@pytest.mark.parametrize(
    ("schema", "value"),
    [
        ({"type": "integer"}, 1.0),
        ({"type": "number"}, 10**40),
        ({"type": "integer", "maximum": 9223372036854775807}, 9223372036854775807),
        ({"format": "email"}, "not an address"),
        ({"type": "object", "properties": {"a": {"type": "integer"}}}, {"a": 1, "b": None}),
    ],
)
def test_a_value_that_fits_passes(schema: JsonObject, value: Json) -> None:
    assert compile_schema(schema).violations(value) == []


def test_secrets_in_a_value_are_not_repeated() -> None:
    schema: JsonObject = {
        "properties": {"token": {"type": "integer", "enum": [1], "const": 1, "pattern": "^a", "maxLength": 1}}
    }
    messages = [violation.message for violation in compile_schema(schema).violations({"token": "mbx_hidden"})]
    assert messages
    assert not any("hidden" in message for message in messages)


def test_violations_are_bounded_in_number_and_length() -> None:
    value: Json = {"k" * 5_000 + str(n): 1 for n in range(100)}
    found = compile_schema({"additionalProperties": False}).violations(value)
    assert len(found) == MAX_VIOLATIONS
    assert all(len(violation.pointer) < 300 and len(violation.message) < 300 for violation in found)


def _tree(kinds: int) -> JsonObject:
    """Every node is one of many kinds: an honest schema whose errors a validator cannot list in time."""
    node = {"$ref": "#/$defs/node"}
    branches = [
        {"properties": {"kind": {"const": f"k{n}"}, "a": node, "b": node}, "required": ["kind"]} for n in range(kinds)
    ]
    return cast(JsonObject, {"$defs": {"node": {"oneOf": branches}}, **node})


def _deep(levels: int, kind: str) -> Json:
    value: Json = {"kind": kind}
    for _ in range(levels):
        value = {"kind": "k9", "b": value, "a": {"kind": "k0"}}
    return value


HOSTILE: dict[str, tuple[JsonObject, Json, bool]] = {
    "tree of many kinds": (_tree(10), _deep(30, "unknown"), False),
    "tree that fits": (_tree(10), _deep(30, "k1"), True),
    "doubling recursion": (
        {"allOf": [{"properties": {"b": {"$ref": "#"}}, "required": ["kind"]}] * 2},
        _deep(30, "x"),
        True,
    ),
    "doubling recursion that fails": (
        {"anyOf": [{"properties": {"b": {"$ref": "#"}}, "required": ["none"]}] * 3},
        _deep(30, "x"),
        False,
    ),
    "catastrophic pattern": ({"pattern": "^(a+)+$"}, "a" * 200_000 + "b", False),
    "pattern with many states": ({"pattern": "[ab]*a[ab]{500}c"}, "ab" * 60_000, False),
    "unique objects": ({"uniqueItems": True}, [{"a": n, "b": [n]} for n in range(20_000)], True),
    "one fault at the end": ({"items": {"type": "string"}}, cast(Json, ["a"] * 60_000 + [1]), False),
    "all items at fault": ({"items": {"items": {"type": "string"}}}, cast(Json, [[1] * 50] * 2_000), False),
    "wide oneOf": ({"items": {"oneOf": [{"const": n} for n in range(300)]}}, cast(Json, list(range(301)) * 20), False),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_value_is_judged_in_bounded_time(name: str) -> None:
    schema, value, fits = HOSTILE[name]
    gate = compile_schema(schema)
    started = time.monotonic()
    assert (gate.violations(value) == []) is fits
    assert time.monotonic() - started < GENEROUS_SECONDS


HEAVY: dict[str, tuple[JsonObject, Json]] = {
    "against many": ({"items": {"anyOf": [{"const": n} for n in range(900)]}}, [899] * 20_000),
    "against many at once": ({"allOf": [{"items": {"const": n}} for n in range(450)]}, [899] * 20_000),
    "by reference": (
        {"$defs": {"n": {"anyOf": [{"const": n} for n in range(900)]}}, "items": {"items": {"$ref": "#/$defs/n"}}},
        [[899] * 20_000],
    ),
    "lists of objects": ({"items": {"enum": [{"a": n} for n in range(3_000)]}}, [1] * 10_000),
    "heavy patterns": (
        {"items": {"allOf": [{"pattern": f"[ab]*a[ab]{{{n}}}c"} for n in range(500, 515)]}},
        ["a"] * 10_000,
    ),
}


@pytest.mark.parametrize("name", HEAVY)
def test_a_value_that_would_take_too_long_is_refused_unseen(name: str) -> None:
    schema, value = HEAVY[name]
    [violation] = compile_schema(schema).violations(value)
    assert violation.pointer == ""
    assert "5000000 steps" in violation.message


@pytest.mark.parametrize(
    ("schema", "load"),
    [
        ({}, 1),
        ({"type": "object", "properties": {f"p{n}": {"type": "string"} for n in range(500)}}, 1),
        ({"items": {"properties": {f"p{n}": {"anyOf": [{}, {}]} for n in range(20)}}}, 3),
        ({"prefixItems": [{}, {"anyOf": [{}, {}]}], "items": {}}, 4),
        ({"properties": {"a": {"$ref": "#"}, "b": {"items": {"$ref": "#"}}}}, 2),
        ({"patternProperties": {"^a": {}, "^b": {}}}, 33),
    ],
)
def test_the_load_of_a_schema_is_what_one_part_of_a_value_meets(schema: JsonObject, load: int) -> None:
    assert compile_schema(schema).load == load


def test_nothing_is_fetched_even_when_a_validator_is_asked_to() -> None:
    gate = compile_schema({"type": "string"})
    with pytest.raises(ValueError, match="inside the schema"):
        gate.validators._compile({"$ref": "http://127.0.0.1:1/x"})


def test_no_pattern_compiles_that_needs_more_than_a_linear_engine() -> None:
    gate = compile_schema({"type": "string"})
    for pattern in ("(?=a)b", r"(a)\1", "[ab]{100000}"):
        with pytest.raises(ValueError, match="regex"):
            gate.validators._compile({"pattern": pattern})


def test_the_same_bytes_are_compiled_once() -> None:
    assert compile_schema({"type": "string", "minLength": 77}) is compile_schema({"type": "string", "minLength": 77})


VALUES = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.sampled_from(["", "a", "abc"]),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.sampled_from("abc"), inner, max_size=3),
    max_leaves=10,
)


@given(st.sampled_from(sorted(BROKEN)), VALUES)
def test_violations_are_found_exactly_when_the_validator_refuses(name: str, value: Json) -> None:
    schema = {key: part for key, part in BROKEN[name][0].items() if key != "$id"}
    refuses = not jsonschema_rs.validator_for(schema, validate_formats=False).is_valid(value)
    assert bool(compile_schema(BROKEN[name][0]).violations(value)) is refuses


def test_numbers_read_from_json_keep_their_kind() -> None:
    gate = compile_schema({"properties": {"n": {"const": 12345678901234567890}}})
    assert gate.violations(parse_json(b'{"n": 12345678901234567890}')) == []
    assert gate.violations(parse_json(b'{"n": 12345678901234567891}'))
