"""What is called safe, what is called breaking, and in which words."""

import time
from dataclasses import dataclass
from typing import Final

import pytest

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_compat import MAX_REASONS, UNPROVEN, Verdict, compare_input, compare_output
from libs.contracts.schema_gate import check_schema

DRAFT_7: Final = "http://json-schema.org/draft-07/schema#"
SAFE: Final = "safe"
UNCLEAR: Final = UNPROVEN
GENEROUS_SECONDS: Final = 2.0


@dataclass(frozen=True)
class Row:
    """One change. `of_input` and `of_output` are SAFE, or a part of a reason for the input and for the output."""

    name: str
    old: JsonObject | None
    new: JsonObject | None
    of_input: str
    of_output: str


def thing(required: tuple[str, ...] = (), /, **properties: Json) -> JsonObject:
    """A schema of an object that takes other properties too."""
    schema: JsonObject = {"type": "object", "properties": properties}
    return {**schema, "required": [*required]} if required else schema


def closed(**properties: Json) -> JsonObject:
    """A schema of an object that takes no other properties."""
    return {**thing(**properties), "additionalProperties": False}


def kind(name: str, **properties: Json) -> JsonObject:
    """One of several kinds of objects, told apart by `kind`."""
    return thing(("kind",), kind={"const": name}, **properties)


def tree(value: Json) -> JsonObject:
    return thing(value=value, children={"type": "array", "items": {"$ref": "#"}})


TEXT: Final[JsonObject] = {"type": "string"}
NUMBER: Final[JsonObject] = {"type": "number"}
INTEGER: Final[JsonObject] = {"type": "integer"}
NULL: Final[JsonObject] = {"type": "null"}

ROWS: Final = (
    # Notes and wording
    Row("nothing", thing(a=TEXT), thing(a=TEXT), SAFE, SAFE),
    Row("title and description", thing(a=TEXT), {**thing(a=TEXT), "title": "T", "description": "D"}, SAFE, SAFE),
    Row("default and examples", {**TEXT, "default": "a"}, {**TEXT, "examples": ["b"]}, SAFE, SAFE),
    Row("format is a note", TEXT, {**TEXT, "format": "email"}, SAFE, SAFE),
    Row("an unknown keyword", TEXT, {**TEXT, "x-widget": "slider"}, SAFE, SAFE),
    Row("other order", {"required": ["a", "b"]}, {"required": ["b", "a"]}, SAFE, SAFE),
    Row(
        "into a definition",
        thing(a=TEXT),
        {**thing(a={"$ref": "#/$defs/text"}), "$defs": {"text": TEXT}},
        SAFE,
        SAFE,
    ),
    Row(
        "a definition renamed",
        {**thing(a={"$ref": "#/$defs/t"}), "$defs": {"t": TEXT}},
        {**thing(a={"$ref": "#/definitions/u"}), "definitions": {"u": TEXT}},
        SAFE,
        SAFE,
    ),
    Row("the draft", {"$schema": DRAFT_7, **thing(a=TEXT)}, thing(a=TEXT), SAFE, SAFE),
    Row("a list of items by draft", {"$schema": DRAFT_7, "items": [TEXT]}, {"prefixItems": [TEXT]}, SAFE, SAFE),
    # All or nothing
    Row("a schema appears", None, TEXT, "can no longer be null", SAFE),
    Row("a schema goes", TEXT, None, SAFE, "can now be null"),
    Row("an empty schema", None, {}, SAFE, SAFE),
    # Properties
    Row("required added", thing(a=TEXT), thing(("a",), a=TEXT), "the input now requires `a`", SAFE),
    Row("required removed", thing(("a",), a=TEXT), thing(a=TEXT), SAFE, "the output no longer promises `a`"),
    Row(
        "required inside",
        thing(o=thing(a=TEXT)),
        thing(o=thing(("a",), a=TEXT)),
        "`o` now requires `a`",
        SAFE,
    ),
    Row("a property in an open object", thing(), thing(x=TEXT), "`x` could be anything", SAFE),
    Row("a property without a schema in an open object", thing(), thing(x={"description": "D"}), SAFE, SAFE),
    Row("a property in a closed object", closed(), closed(x=TEXT), SAFE, "`x` can now be there"),
    Row("closed", thing(a=TEXT), closed(a=TEXT), "a property that has no name in the schema", SAFE),
    Row("others widened", {"additionalProperties": INTEGER}, {"additionalProperties": NUMBER}, SAFE, "with a fraction"),
    Row(
        "others of the right type",
        {"type": "object", "additionalProperties": TEXT},
        {**thing(x=TEXT), "additionalProperties": TEXT},
        SAFE,
        SAFE,
    ),
    Row("a property removed from a closed object", closed(a=TEXT), closed(), "`a` is no", SAFE),
    Row("a property forbidden", thing(a=TEXT), thing(a=False), "`a` is no longer accepted", SAFE),
    Row(
        "a pattern of names widened",
        {"patternProperties": {"^x-": TEXT}, "additionalProperties": False},
        {"patternProperties": {"^x-": {"type": ["string", "null"]}}, "additionalProperties": False},
        SAFE,
        "can now be null",
    ),
    Row(
        "a name that a pattern covered",
        {"patternProperties": {"^x-": TEXT}, "additionalProperties": False},
        {"patternProperties": {"^x-": TEXT}, "properties": {"x-a": TEXT}, "additionalProperties": False},
        SAFE,
        SAFE,
    ),
    Row(
        "another pattern of names",
        {"patternProperties": {"^x-": TEXT}},
        {"patternProperties": {"^y-": TEXT}},
        "could be anything",
        "can now be anything",
    ),
    Row("names bounded", thing(), {**thing(), "propertyNames": {"maxLength": 3}}, UNCLEAR, SAFE),
    Row("fewer properties", thing(), {**thing(), "maxProperties": 3}, "at most 3 properties", SAFE),
    Row("a count that follows", thing(("a", "b")), {**thing(("a", "b")), "minProperties": 2}, SAFE, SAFE),
    Row(
        "required beside another",
        thing(),
        {**thing(), "dependentRequired": {"a": ["b"]}},
        "now requires `b` beside `a`",
        SAFE,
    ),
    Row(
        "required beside what is required",
        thing(("b",)),
        {**thing(("b",)), "dependentRequired": {"a": ["b"]}},
        SAFE,
        SAFE,
    ),
    Row(
        "draft 7 dependencies by their new name",
        {"$schema": DRAFT_7, "dependencies": {"a": ["b"]}},
        {"dependentRequired": {"a": ["b"]}},
        SAFE,
        SAFE,
    ),
    Row(
        "closed by unevaluated properties",
        {**thing(a=TEXT), "unevaluatedProperties": False},
        closed(a=TEXT),
        SAFE,
        SAFE,
    ),
    Row(
        "unevaluated properties of parts",
        {"allOf": [thing(a=TEXT)], "unevaluatedProperties": False},
        {"allOf": [thing(a=TEXT, b=TEXT)], "unevaluatedProperties": False},
        UNCLEAR,
        UNCLEAR,
    ),
    # Types and values
    Row("another type", thing(a=TEXT), thing(a=INTEGER), "`a` can no longer be a string", "`a` can now be an integer"),
    Row("integer to number", INTEGER, NUMBER, SAFE, "a number with a fraction"),
    Row("1.0 is an integer", {"enum": [1.0, 2.0]}, INTEGER, SAFE, "one of [1.0,2.0]"),
    Row("null allowed", TEXT, {"type": ["string", "null"]}, SAFE, "can now be null"),
    Row("null allowed by anyOf", TEXT, {"anyOf": [TEXT, NULL]}, SAFE, "can now be null"),
    Row("types told apart", {"type": ["string", "null"]}, {"anyOf": [NULL, TEXT]}, SAFE, SAFE),
    Row("a value added", {"enum": ["a"]}, {"enum": ["b", "a"]}, SAFE, 'can now be "b"'),
    Row("a value removed", {"enum": ["a", "b"]}, {"enum": ["a"]}, 'can no longer be "b"', SAFE),
    Row("const to enum", {"const": "a"}, {"enum": ["a", "b"]}, SAFE, 'can now be "b"'),
    Row("enum to type", {"enum": ["a", "b"]}, TEXT, SAFE, 'to be one of ["a","b"]'),
    Row("booleans by name", {"type": "boolean"}, {"enum": [True, False]}, SAFE, SAFE),
    Row("true is not 1", {"const": 1}, {"const": True}, "can no longer be 1", "can now be true"),
    # Ranges
    Row("minimum raised", {**NUMBER, "minimum": 1}, {**NUMBER, "minimum": 2}, "now has to be at least 2", SAFE),
    Row("minimum lowered", {**NUMBER, "minimum": 1}, {**NUMBER, "minimum": 0}, SAFE, "promised to be at least 1"),
    Row("maximum appears", NUMBER, {**NUMBER, "maximum": 9}, "now has to be at most 9", SAFE),
    Row("the end excluded", {"maximum": 9}, {"exclusiveMaximum": 9}, "now has to be less than 9", SAFE),
    Row(
        "the end excluded among integers",
        {**INTEGER, "maximum": 9},
        {**INTEGER, "exclusiveMaximum": 10},
        SAFE,
        SAFE,
    ),
    Row("past a double", {"minimum": 2**53 + 1}, {"minimum": 2.0**53}, SAFE, "at least 9007199254740993"),
    Row("multiples of multiples", {"multipleOf": 6}, {"multipleOf": 3}, SAFE, "to be a multiple of 6"),
    Row("multiples that are integers", {**NUMBER, "multipleOf": 2}, INTEGER, SAFE, "to be a multiple of 2"),
    Row("multiples of fractions", {"multipleOf": 0.2}, {"multipleOf": 0.1}, "a multiple of 0.1", "a multiple of 0.2"),
    Row("longer texts", {**TEXT, "maxLength": 5}, {**TEXT, "maxLength": 6}, SAFE, "of at most 5 characters"),
    Row("a length for texts only", INTEGER, {**INTEGER, "maxLength": 6}, SAFE, SAFE),
    Row("a pattern removed", {**TEXT, "pattern": "^a"}, TEXT, SAFE, 'text with the pattern "^a"'),
    Row("another pattern", {**TEXT, "pattern": "^a"}, {**TEXT, "pattern": "^ab"}, UNCLEAR, UNCLEAR),
    Row("draft 7 encodings", {"$schema": DRAFT_7}, {"$schema": DRAFT_7, "contentEncoding": "base64"}, "base64", SAFE),
    # Arrays
    Row("items widened", {"items": INTEGER}, {"items": NUMBER}, SAFE, "`[]` can now be a number with a fraction"),
    Row("a first item", {"items": TEXT}, {"prefixItems": [TEXT], "items": TEXT}, SAFE, SAFE),
    Row("items ruled out", {"prefixItems": [TEXT]}, {"prefixItems": [TEXT], "items": False}, "`[]` is no", SAFE),
    Row(
        "ruled out and never there", {"maxItems": 1}, {"maxItems": 1, "prefixItems": [True], "items": False}, SAFE, SAFE
    ),
    Row("unique", {"type": "array"}, {"type": "array", "uniqueItems": True}, "a list without repetitions", SAFE),
    Row("one item is unique", {"maxItems": 1}, {"maxItems": 1, "uniqueItems": True}, SAFE, SAFE),
    Row("contains widened", {"contains": INTEGER}, {"contains": NUMBER}, SAFE, UNCLEAR),
    Row(
        "contains follows", {"items": TEXT, "minItems": 1}, {"contains": TEXT, "items": TEXT, "minItems": 1}, SAFE, SAFE
    ),
    Row("contains more", {"contains": TEXT}, {"contains": TEXT, "minContains": 2}, UNCLEAR, SAFE),
    # Choices
    Row("an alternative more", {"anyOf": [TEXT, NULL]}, {"anyOf": [NULL, INTEGER, TEXT]}, SAFE, "of `anyOf` had"),
    Row(
        "a kind more", {"oneOf": [kind("a")]}, {"oneOf": [kind("a"), kind("b")]}, SAFE, "no alternative of `oneOf` had"
    ),
    Row(
        "a kind that overlaps",
        {"oneOf": [kind("a")]},
        {"oneOf": [kind("a"), thing()]},
        UNCLEAR,
        "the output",
    ),
    Row(
        "a property of one kind",
        {"oneOf": [kind("a", x=TEXT), kind("b")]},
        {"oneOf": [kind("a", x={"type": ["string", "null"]}), kind("b")]},
        SAFE,
        "`x` can now be null",
    ),
    Row("a part that says nothing new", {"allOf": [TEXT, {"maxLength": 3}]}, {**TEXT, "maxLength": 3}, SAFE, SAFE),
    Row("not narrowed", {"not": TEXT}, {"not": {**TEXT, "minLength": 2}}, SAFE, UNCLEAR),
    Row("not by type", {"type": "integer"}, {"type": "integer", "not": TEXT}, SAFE, SAFE),
    Row(
        "a condition kept",
        {"if": TEXT, "then": {"minLength": 2}},
        {"if": {**TEXT, "title": "T"}, "then": {"minLength": 1}},
        SAFE,
        "of at least 2 characters",
    ),
    Row("a condition", None, {"if": {"minLength": 1}, "then": {"maxLength": 3}}, "at most 3 characters", SAFE),
    # References
    Row("a tree widened", tree(INTEGER), tree(NUMBER), SAFE, "`value` can now be a number with a fraction"),
    Row("a tree", tree(TEXT), tree(INTEGER), "`value` can no longer be a string", "`value` can now be an integer"),
    Row(
        "draft 7 ignores what stands beside a reference",
        {
            "$schema": DRAFT_7,
            "properties": {"a": {"$ref": "#/definitions/t", "maxLength": 1}},
            "definitions": {"t": TEXT},
        },
        {"properties": {"a": {"$ref": "#/$defs/t", "maxLength": 1}}, "$defs": {"t": TEXT}},
        "of at most 1 characters",
        SAFE,
    ),
    Row(
        "2020-12 does not",
        {"properties": {"a": {"$ref": "#/$defs/t", "maxLength": 1}}, "$defs": {"t": TEXT}},
        thing(a={**TEXT, "maxLength": 1}) | {"type": ["object", "array", "string", "number", "boolean", "null"]},
        SAFE,
        SAFE,
    ),
)


@pytest.mark.parametrize("row", ROWS, ids=[row.name.replace(" ", "-") for row in ROWS])
def test_a_change_is_judged_for_either_side(row: Row) -> None:
    assert_judged(compare_input(row.old, row.new), row.of_input)
    assert_judged(compare_output(row.old, row.new), row.of_output)


def assert_judged(verdict: Verdict, expected: str) -> None:
    sentences = [reason.sentence for reason in verdict.reasons]
    assert verdict.safe is (expected == SAFE), sentences
    assert verdict.safe is not bool(sentences)
    if not verdict.safe:
        assert any(expected in one for one in sentences), sentences


def test_the_table_is_long_and_every_row_has_a_name() -> None:
    assert len(ROWS) >= 60
    assert len({row.name for row in ROWS}) == len(ROWS)


@pytest.mark.parametrize("row", ROWS, ids=[row.name.replace(" ", "-") for row in ROWS])
def test_nothing_is_as_safe_as_no_change(row: Row) -> None:
    for schema in (row.old, row.new):
        assert compare_input(schema, schema).safe
        assert compare_output(schema, schema).safe


def test_a_reason_points_into_the_schema_that_has_to_hold() -> None:
    old, new = thing(o=thing(("b",))), thing(o=thing(("a",)))
    assert [reason.path for reason in compare_input(old, new).reasons] == ["/properties/o/required"]
    referred: JsonObject = {**thing(a={"$ref": "#/$defs/t"}), "$defs": {"t": TEXT}}
    assert [reason.path for reason in compare_output(referred, thing(a=INTEGER)).reasons] == ["/$defs/t/type"]


def test_reasons_are_bounded() -> None:
    old, new = many(100, TEXT), many(100, INTEGER)
    assert len(compare_input(old, new).reasons) == MAX_REASONS


def test_a_schema_that_could_not_be_registered_is_not_compared() -> None:
    [reason] = compare_input({"$ref": "https://example.com/"}, {}).reasons
    assert UNPROVEN in reason.sentence


def many(count: int, schema: Json) -> JsonObject:
    """So many properties of one kind."""
    return thing(**{f"p{number}": schema for number in range(count)})


def doubled(inner: Json, levels: int, keyword: str) -> JsonObject:
    """Definitions that each refer twice to the next."""
    steps: JsonObject = {
        f"d{level}": {
            keyword: [{"properties": {"a": {"$ref": f"#/$defs/d{level + 1}"}}, "minProperties": n} for n in (0, 1)]
        }
        for level in range(levels)
    }
    return {"$defs": {**steps, f"d{levels}": inner}, "$ref": "#/$defs/d0"}


def choices(count: int, keyword: str) -> JsonObject:
    """So many choices between two, one beside the other."""
    parts: list[Json] = [{keyword: [{"required": [f"a{n}"]}, {"required": [f"b{n}"]}]} for n in range(count)]
    return {"allOf": parts}


def refused_parts(count: int, types: str) -> JsonObject:
    parts: list[Json] = [{"not": {"properties": {f"a{n}": {"type": types}, "z": {"minimum": n}}}} for n in range(count)]
    return {"allOf": parts}


def chain(length: int, last: Json) -> JsonObject:
    """Each definition holds the next."""
    steps: JsonObject = {f"d{n}": thing(next={"$ref": f"#/$defs/d{n + 1}"}) for n in range(length)}
    return {"$defs": {**steps, f"d{length}": last}, "$ref": "#/$defs/d0"}


def rings(*sizes: int) -> JsonObject:
    """Rings of definitions that all turn together: the whole comes back to itself after the product of their sizes."""
    steps: dict[str, Json] = {}
    for size in sizes:
        for place in range(size):
            following: Json = {"$ref": f"#/$defs/r{size}x{(place + 1) % size}"}
            steps[f"r{size}x{place}"] = thing(("next",), next=following, **{f"k{size}x{place}": TEXT})
    return {"$defs": steps, "allOf": [{"$ref": f"#/$defs/r{size}x0"} for size in sizes]}


def patterns(least: int) -> JsonObject:
    keyed: JsonObject = {f"[ab]*a[ab]{{{n}}}c": {"minimum": n + least} for n in range(40, 70)}
    return {"patternProperties": keyed, "additionalProperties": {"minimum": 100 + least}}


def listed(count: int, values: Json) -> JsonObject:
    return {"prefixItems": [{"enum": values}] * count, "items": {"enum": values}}


HOSTILE: Final[dict[str, tuple[JsonObject, JsonObject]]] = {
    "doubled anyOf": (doubled(INTEGER, 9, "anyOf"), doubled(NUMBER, 9, "anyOf")),
    "doubled oneOf": (doubled(NUMBER, 9, "oneOf"), doubled(INTEGER, 9, "oneOf")),
    "doubled allOf": (doubled(NUMBER, 9, "allOf"), doubled(TEXT, 9, "allOf")),
    "choices of two": (choices(100, "anyOf"), choices(99, "anyOf")),
    "choices of one": (choices(60, "oneOf"), choices(59, "oneOf")),
    "ruled out": (refused_parts(100, "string"), refused_parts(99, "integer")),
    "a long chain": (chain(300, TEXT), chain(300, INTEGER)),
    "a long chain that is the same": (chain(300, TEXT), {**chain(300, {**TEXT, "title": "T"}), "title": "T"}),
    "rings": (rings(3, 5, 7, 11, 13, 17), rings(2, 5, 7, 11, 13, 19)),
    "patterns": (patterns(1), patterns(0)),
    "many values": ({"enum": [f"v{n}" for n in range(6_000)]}, {"enum": [f"v{n}" for n in range(6_001)]}),
    "many integers": ({"enum": [*range(10_000)]}, {"enum": [*range(10_001)]}),
    "many lists of values": (listed(300, [1, 2, 3]), listed(300, [3, 2, 1, 0])),
    "many properties": (
        many(400, {"type": "array", "items": TEXT}),
        many(400, {"type": "array", "items": {"type": ["null", "string"]}}),
    ),
    "conditions": (
        {"allOf": [{"if": {"required": [f"a{n}"]}, "then": {"required": [f"b{n}"]}} for n in range(150)]},
        {"allOf": [{"if": {"required": [f"a{n}"]}, "then": {"required": [f"c{n}"]}} for n in range(150)]},
    ),
}


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_pair_is_judged_in_bounded_time(name: str) -> None:
    old, new = HOSTILE[name]
    assert check_schema(old) == check_schema(new) == []
    started = time.process_time()
    verdicts = [
        compare(one, other) for compare in (compare_input, compare_output) for one, other in ((old, new), (new, old))
    ]
    assert time.process_time() - started < GENEROUS_SECONDS
    assert all(verdict.safe or verdict.reasons for verdict in verdicts)
    assert verdicts[0] == compare_input(old, new)
