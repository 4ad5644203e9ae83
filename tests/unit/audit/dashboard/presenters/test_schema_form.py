"""Forms made from schemas, and what is read back from them."""

from collections.abc import Mapping

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject
from services.audit.dashboard.presenters.schema_form import form_of, read_filled
from services.audit.dashboard.refusals import told

SCHEMA: JsonObject = {
    "type": "object",
    "required": ["id", "how"],
    "properties": {
        "note": {"type": "string", "description": "For people"},
        "id": {"type": "string", "maxLength": 64},
        "count": {"type": "integer", "minimum": 1, "default": 3},
        "how": {"enum": ["plain", 2, None]},
        "loud": {"type": "boolean", "default": False},
        "more": {"$ref": "#/$defs/more"},
        "tags": {"type": "array", "items": {"type": "string"}, "default": ["a"]},
    },
    "$defs": {"more": {"type": "object", "properties": {"lang": {"type": "string"}}}},
}

FORM = form_of(SCHEMA, "parameters")
WHOLE = form_of(None, "parameters")


def test_each_parameter_has_its_control_and_the_required_come_first() -> None:
    fields = FORM.fields
    assert [(one.name, one.control, one.required, one.default) for one in fields] == [
        ("id", "line", True, ""),
        ("how", "choice", True, ""),
        ("note", "area", False, ""),
        ("count", "number", False, "3"),
        ("loud", "choice", False, "false"),
        ("more", "json", False, ""),
        ("tags", "json", False, '[\n  "a"\n]'),
    ]
    assert fields[1].choices == [('"plain"', "plain"), ("2", "2"), ("null", "null")]
    assert [one.help for one in fields[2:4]] == ["For people", "at least 1"]
    assert fields[6].help == "As JSON: array of string."


INTRICATE: Mapping[str, JsonObject | None] = {
    "none": None,
    "no properties": {"type": "object"},
    "no object": {"type": "array"},
    "alternatives": {"properties": {"a": True}, "oneOf": [{}]},
    "a needed one that is not described": {"properties": {"a": True}, "required": ["b"]},
    "too many": {"properties": {f"p{n}": True for n in range(100)}},
    "nonsense": {"properties": [], "required": {}},
    "itself": {"$ref": "#"},
}


@pytest.mark.parametrize("case", INTRICATE)
def test_what_is_missing_or_intricate_is_asked_for_as_one_document(case: str) -> None:
    assert form_of(INTRICATE[case], "parameters").names == ["parameters"]


def test_what_is_filled_in_is_read_with_its_types_and_what_is_empty_left_out() -> None:
    form = {
        "parameters.id": " a ",
        "parameters.count": " 2 ",
        "parameters.how": "null",
        "parameters.loud": "true",
        "parameters.more": '{"lang": "de"}',
        "parameters.note": "",
        "parameters.tags": "",
        "parameters.other": "not asked for",
    }
    assert read_filled(FORM, form) == {
        "id": " a ",
        "how": None,
        "count": 2,
        "loud": True,
        "more": {"lang": "de"},
    }


def test_everything_that_is_wrong_is_told_at_once_each_at_its_field() -> None:
    form = {"parameters.id": "a", "parameters.count": "true", "parameters.how": "odd", "parameters.more": "{\n"}
    refused = read_filled(FORM, form)
    assert isinstance(refused, Rejected)
    assert [field for field, _ in told(refused)] == ["parameters.how", "parameters.count", "parameters.more"]
    assert "line 2" in told(refused)[2][1]


def test_what_is_filled_in_for_a_value_is_read_as_that_value() -> None:
    value: JsonObject = {"id": "a", "how": "plain", "count": 2, "loud": False, "more": {"lang": "de"}, "tags": []}

    assert read_filled(FORM, FORM.filled(value)) == value
    assert read_filled(WHOLE, WHOLE.filled(value)) == value
    assert read_filled(FORM, FORM.defaults) == {"count": 3, "loud": False, "tags": ["a"]}


@pytest.mark.parametrize("text", ["[]", "3", "null", '"a"', "{", '{"a": NaN}', '{"a": 1, "a": 2}', "\ud800"])
def test_a_document_that_is_no_object_is_refused(text: str) -> None:
    refused = read_filled(WHOLE, {"parameters": text})
    assert isinstance(refused, Rejected)
    assert refused.field == "parameters"
    assert refused.sentence.startswith("expected a JSON object")


def test_no_document_is_an_empty_one() -> None:
    assert read_filled(WHOLE, {}) == {}
