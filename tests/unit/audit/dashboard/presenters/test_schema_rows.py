"""Schemas as tables: everything that holds is said, and nothing that somebody registers makes them long or slow."""

from collections.abc import Mapping

import pytest

from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.presenters.schema_rows import MOST_DEPTH, MOST_ROWS, SchemaRow, resolved, schema_rows
from services.audit.dashboard.presenters.schema_rules import rules_of, type_of


def lines(schema: JsonObject) -> list[str]:
    return [line(row) for row in schema_rows(schema)]


def line(row: SchemaRow) -> str:
    parts = (row.type, row.rules, row.description)
    return f"{'  ' * row.depth}{row.name}{'*' if row.required else ''}: {' | '.join(part for part in parts if part)}"


def test_fields_stand_at_the_left_and_what_they_hold_below_them() -> None:
    schema: JsonObject = {
        "type": "object",
        "required": ["doc"],
        "properties": {
            "doc": {
                "type": "object",
                "description": "Which",
                "required": ["id"],
                "properties": {"id": {"type": "string", "minLength": 1, "maxLength": 64}},
            },
            "tags": {"type": "array", "items": {"type": "string"}, "maxItems": 5, "uniqueItems": True},
            "lines": {"type": "array", "items": {"type": "object", "properties": {"n": {"type": "integer"}}}},
        },
    }
    assert lines(schema) == [
        "doc*: object | Which",
        "  id*: string | 1 to 64 characters",
        "tags: array of string | at most 5 items; no item twice",
        "lines: array of object",
        "  […]: object",
        "    n: integer",
    ]


def test_what_holds_of_the_whole_stands_at_the_end() -> None:
    schema: JsonObject = {"properties": {"a": True}, "additionalProperties": False, "description": "All of it"}
    assert lines(schema) == ["a: any", "(as a whole): object | no other fields | All of it"]


def test_a_schema_of_no_object_is_one_row() -> None:
    assert lines({"type": ["string", "null"], "format": "date"}) == ["(the value): string or null | format date"]
    assert lines({}) == ["(the value): any"]


def test_references_are_followed_and_never_round() -> None:
    schema: JsonObject = {
        "properties": {"boss": {"$ref": "#/$defs/person", "description": "The boss"}},
        "$defs": {
            "person": {
                "type": "object",
                "properties": {"name": {"type": "string"}, "boss": {"$ref": "#/$defs/person"}},
            },
        },
    }
    assert lines(schema) == ["boss: object | The boss", "  name: string", "  boss: object | As above."]


def test_alternatives_are_named_in_the_type_or_stand_below() -> None:
    schema: JsonObject = {
        "properties": {
            "plain": {"anyOf": [{"type": "string"}, {"type": "null"}]},
            "rich": {"oneOf": [{"type": "string"}, {"type": "integer", "minimum": 1}]},
        }
    }
    assert lines(schema) == [
        "plain: string or null",
        "rich: one of 2",
        "  (either 1): string",
        "  (either 2): integer | at least 1",
    ]


RULES: Mapping[str, tuple[JsonObject, str]] = {
    "a range": ({"minimum": 1, "maximum": 10}, "1 to 10"),
    "one value": ({"minItems": 2, "maxItems": 2}, "2 items"),
    "open ends": ({"exclusiveMinimum": 0, "exclusiveMaximum": 1}, "more than 0; less than 1"),
    "choices": ({"enum": ["a", 1, None]}, 'one of "a", 1, null'),
    "many choices": ({"enum": [*range(40)]}, "one of 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, … (40 in all)"),
    "a constant": ({"const": {"a": 1}}, 'is {"a":1}'),
    "a pattern": ({"pattern": "^a+$", "default": "a"}, 'like ^a+$; default "a"'),
    "what no table can show": ({"not": {}, "if": {}}, "further rules: if, not"),
    "what is no keyword": ({"x-unit": "s"}, "notes: x-unit"),
    "nothing that can be said": ({"minimum": "low", "enum": 3, "uniqueItems": "yes"}, ""),
}


@pytest.mark.parametrize("case", RULES)
def test_rules_are_put_in_words(case: str) -> None:
    schema, words = RULES[case]
    assert rules_of(schema) == words


@pytest.mark.parametrize(
    ("schema", "words"),
    [
        (True, "any"),
        (False, "nothing"),
        ({"const": 1}, "constant"),
        ({"enum": [1]}, "enum"),
        ({"type": {}}, "any"),
        (3, "any"),
    ],
)
def test_a_type_is_told_of_whatever_stands_there(schema: Json, words: str) -> None:
    assert type_of(schema) == words


def nested(levels: int) -> JsonObject:
    schema: JsonObject = {"type": "string"}
    for _ in range(levels):
        schema = {"type": "object", "properties": {"in": schema}}
    return schema


HOSTILE: Mapping[str, JsonObject] = {
    "itself": {"$ref": "#"},
    "two that refer to each other": {
        "$ref": "#/$defs/a",
        "$defs": {"a": {"$ref": "#/$defs/b"}, "b": {"$ref": "#/$defs/a"}},
    },
    "doubling": {
        "$ref": "#/$defs/d0",
        "$defs": {
            f"d{n}": {"allOf": [{"$ref": f"#/$defs/d{n + 1}"}, {"$ref": f"#/$defs/d{n + 1}"}]} for n in range(60)
        },
    },
    "deep": nested(32),
    "wide": {"properties": {f"field-{n}": {"type": "string", "enum": [*range(100)]} for n in range(900)}},
    "other types everywhere": {
        "properties": 5,
        "required": 7,
        "items": "x",
        "allOf": {},
        "$ref": 3,
        "type": 1,
        "enum": None,
    },
    "a pointer to nowhere": {"properties": {"a": {"$ref": "#/$defs/none"}, "b": {"$ref": "http://example.com"}}},
    "a pointer into a list": {"properties": {"a": {"$ref": "#/allOf/999999999999"}}, "allOf": [{}]},
    "long texts": {
        "properties": {"n" * 5_000: {"description": "d" * 9_000, "pattern": "p" * 4_000, "default": "v" * 9_000}}
    },
}


@pytest.mark.parametrize("case", HOSTILE)
def test_a_hostile_schema_makes_a_short_table(case: str) -> None:
    rows = schema_rows(HOSTILE[case])

    assert 1 <= len(rows) <= MOST_ROWS
    assert max(row.depth for row in rows) <= MOST_DEPTH + 1
    assert all(len(row.name) <= 100 and len(row.description) <= 300 and len(row.rules) <= 1_000 for row in rows)
    assert resolved(HOSTILE[case], HOSTILE[case]) is not None


def test_a_table_that_is_cut_says_so() -> None:
    assert "More than" in schema_rows(HOSTILE["wide"])[-1].description
    assert "Nested further" in schema_rows(HOSTILE["deep"])[-1].description
