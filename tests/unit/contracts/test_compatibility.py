"""What may change in a schema under one version, and the sentence for what may not."""

from typing import cast

import pytest

from libs.contracts.codec import JsonObject
from libs.contracts.compatibility import breaks
from libs.contracts.publication.documents import schemas

TEXT: JsonObject = {"type": "string"}
COUNT: JsonObject = {"type": "integer", "minimum": 1}
ROLE: JsonObject = {"enum": ["admin", "viewer"], "type": "string"}
MAYBE: JsonObject = {"anyOf": [{"type": "string"}, {"type": "null"}], "default": None}
OBJECT: JsonObject = {"type": "object", "properties": {"words": COUNT}, "required": ["words"]}
TREE: JsonObject = {
    "type": "object",
    "properties": {"children": {"type": "array", "items": {"$ref": "#/$defs/Tree"}}, "parent": MAYBE},
}


def record(required: list[str], /, **fields: JsonObject) -> JsonObject:
    return {"type": "object", "properties": dict(fields), "required": list(required)}


def found(old: JsonObject, new: JsonObject) -> list[tuple[str, str]]:
    return [(one.pointer, one.sentence) for one in breaks(old, new)]


FINE = {
    "nothing": (record(["a"], a=TEXT), record(["a"], a=TEXT)),
    "a new optional field": (record(["a"], a=TEXT), record(["a"], a=TEXT, b=MAYBE)),
    "a new field with a default": (record(["a"], a=TEXT), record(["a"], a=TEXT, b={**TEXT, "default": "x"})),
    "a new optional field, deep": (
        record(["a"], a=OBJECT),
        record(["a"], a={**OBJECT, "properties": {"words": COUNT, "pages": COUNT}}),
    ),
    "other words": (record(["a"], a=TEXT), {**record(["a"], a={**TEXT, "description": "new"}), "title": "New"}),
    "another order": (record(["a", "b"], a=TEXT, b=TEXT), record(["b", "a"], b=TEXT, a=TEXT)),
    "a definition under another name": (
        {**record(["a"], a={"$ref": "#/$defs/Old"}), "$defs": {"Old": OBJECT}},
        {**record(["a"], a={"$ref": "#/$defs/New"}), "$defs": {"New": OBJECT}},
    ),
    "a definition written out": (
        {**record(["a"], a={"$ref": "#/$defs/Old"}), "$defs": {"Old": OBJECT}},
        record(["a"], a=OBJECT),
    ),
    "true written out": (
        record([], a={"type": "object", "additionalProperties": True}),
        record([], a={"type": "object"}),
    ),
    "a record inside itself": ({**TREE, "$defs": {"Tree": TREE}}, {**TREE, "$defs": {"Tree": TREE}}),
}


@pytest.mark.parametrize(("old", "new"), FINE.values(), ids=FINE.keys())
def test_what_every_reader_and_record_survives_is_fine(old: JsonObject, new: JsonObject) -> None:
    assert found(old, new) == []


BREAKING = {
    "a removed field": (record(["a"], a=TEXT), record([]), "/a", "removed or renamed"),
    "a renamed field": (record(["a"], a=TEXT), record(["b"], b=TEXT), "/a", "removed or renamed"),
    "a new required field": (record([], a=TEXT), record(["b"], a=TEXT, b=TEXT), "/b", "a new field to be optional"),
    "optional to required": (record([], a=TEXT), record(["a"], a=TEXT), "/a", "earlier records lack it"),
    "required to optional": (record(["a"], a=TEXT), record([], a=TEXT), "/a", "earlier readers need it"),
    "another type": (
        record([], a=TEXT),
        record([], a={"type": "integer"}),
        "/a",
        "expected string to stay, but it is integer",
    ),
    "anything to text": (
        record([], a={}),
        record([], a=TEXT),
        "/a",
        "expected anything to stay allowed, as earlier records hold it, but it must be string",
    ),
    "text to anything": (
        record([], a=TEXT),
        record([], a={}),
        "/a",
        "expected string only, as earlier readers do, but it may be anything",
    ),
    "null no more": (
        record([], a=MAYBE),
        record([], a={**TEXT, "default": None}),
        "/a",
        "expected null or string to stay allowed",
    ),
    "null as well": (
        record([], a={**TEXT, "default": None}),
        record([], a=MAYBE),
        "/a",
        "but it may be null or string",
    ),
    "a value less": (record([], a=ROLE), record([], a={**ROLE, "enum": ["admin"]}), "/a", '"viewer" to stay allowed'),
    "a value more": (
        record([], a=ROLE),
        record([], a={**ROLE, "enum": ["admin", "viewer", "root"]}),
        "/a",
        'but "root" was added',
    ),
    "a list of values at all": (record([], a=TEXT), record([], a=ROLE), "/a", "but it is new"),
    "no list of values any more": (record([], a=ROLE), record([], a=TEXT), "/a", "but it is gone"),
    "another constant": (record([], a={"const": 1}), record([], a={"const": 2}), "/a", "expected 1 to stay allowed"),
    "a higher floor": (
        record([], a=COUNT),
        record([], a={**COUNT, "minimum": 2}),
        "/a",
        "expected minimum to stay 1, but it is 2",
    ),
    "a new bound": (
        record([], a=TEXT),
        record([], a={**TEXT, "maxLength": 9}),
        "/a",
        "maxLength to stay absent, but it is 9",
    ),
    "a pattern gone": (record([], a={**TEXT, "pattern": "^a"}), record([], a=TEXT), "/a", "but it is absent"),
    "another default": (
        record([], a={**TEXT, "default": "x"}),
        record([], a={**TEXT, "default": "y"}),
        "/a",
        'default to stay "x", but it is "y"',
    ),
    "another item": (
        record([], a={"type": "array", "items": TEXT}),
        record([], a={"type": "array", "items": COUNT}),
        "/a/*",
        "expected string to stay, but it is integer",
    ),
    "another value in a map": (
        record([], a={"type": "object", "additionalProperties": TEXT}),
        record([], a={"type": "object", "additionalProperties": COUNT}),
        "/a/*",
        "expected string to stay, but it is integer",
    ),
    "a pair to a triple": (
        record([], a={"type": "array", "prefixItems": [TEXT, TEXT]}),
        record([], a={"type": "array", "prefixItems": [TEXT, TEXT, TEXT]}),
        "/a",
        "expected 2 fixed places, but there are 3",
    ),
    "another place of a pair": (
        record([], a={"type": "array", "prefixItems": [TEXT, TEXT]}),
        record([], a={"type": "array", "prefixItems": [TEXT, COUNT]}),
        "/a/1",
        "expected string to stay, but it is integer",
    ),
    "a closed object opens": (
        {**record([], a=TEXT), "additionalProperties": False},
        {**record([], a=TEXT, b=TEXT), "additionalProperties": False},
        "/b",
        "earlier readers refuse any",
    ),
    "inside a definition": (
        {**record(["a"], a={"$ref": "#/$defs/Part"}), "$defs": {"Part": OBJECT}},
        {**record(["a"], a={"$ref": "#/$defs/Part"}), "$defs": {"Part": record(["words"], words=TEXT)}},
        "/a/words",
        "expected integer to stay, but it is string",
    ),
    "inside an alternative": (
        record([], a={"anyOf": [OBJECT, {"type": "null"}]}),
        record([], a={"anyOf": [record(["words", "pages"], words=COUNT, pages=COUNT), {"type": "null"}]}),
        "/a/pages",
        "a new field to be optional",
    ),
    "inside itself": (
        {**TREE, "$defs": {"Tree": TREE}},
        {**TREE, "$defs": {"Tree": {**TREE, "properties": {"parent": MAYBE}}}},
        "/children/*/children",
        "removed or renamed",
    ),
}


@pytest.mark.parametrize(("old", "new", "pointer", "words"), BREAKING.values(), ids=BREAKING.keys())
def test_what_somebody_would_stumble_over_is_named(old: JsonObject, new: JsonObject, pointer: str, words: str) -> None:
    sentences = dict(reversed(found(old, new)))

    assert words in sentences[pointer]
    assert all(sentence.startswith("expected ") and ", but " in sentence for sentence in sentences.values())


@pytest.mark.parametrize("name", sorted(schemas()))
def test_removing_or_requiring_any_field_of_any_event_is_noticed(name: str) -> None:
    schema = schemas()[name]
    fields = cast(JsonObject, schema["properties"])

    assert breaks(schema, schema) == ()
    for field in fields:
        less = {**schema, "properties": {key: value for key, value in fields.items() if key != field}}
        assert [one.pointer for one in breaks(schema, less)] == [f"/{field}"]
        assert [one.pointer for one in breaks(less, {**schema, "required": [field]})][:1] != []
