"""A form from declared inputs, and inputs from a form: every type, right and wrong."""

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.presenters.declared_inputs import ALL, fields_of, filled, read_inputs, sentences_by_field

SPEC: JsonObject = {
    "inputs": [
        {"name": "doc", "type": "string", "description": "Which."},
        {"name": "copies", "type": "integer", "default": 1},
        {"name": "ratio", "type": "number", "default": 0.5},
        {"name": "urgent", "type": "boolean", "default": False},
        {"name": "options", "type": "object", "default": {"lang": "en"}},
        {"name": "pages", "type": "array", "default": []},
        {"name": "other", "type": "any", "default": None},
    ]
}
FIELDS = fields_of(SPEC)


def test_declared_inputs_are_fields_in_their_order_with_their_defaults() -> None:
    assert [(one.field, one.control, one.required) for one in FIELDS] == [
        ("inputs.doc", "text", True),
        ("inputs.copies", "line", False),
        ("inputs.ratio", "line", False),
        ("inputs.urgent", "choice", False),
        ("inputs.options", "json", False),
        ("inputs.pages", "json", False),
        ("inputs.other", "json", False),
    ]
    assert [one.default for one in FIELDS] == [None, "1", "0.5", "false", '{\n  "lang": "en"\n}', "[]", "null"]
    assert FIELDS[0].description == "Which."


@pytest.mark.parametrize("spec", [{}, {"inputs": None}, {"inputs": [1, {}, {"name": 3}]}])
def test_a_spec_that_declares_nothing_readable_has_no_fields(spec: JsonObject) -> None:
    assert fields_of(spec) == []


@pytest.mark.parametrize(
    ("field", "text", "value"),
    [
        ("doc", " two\nlines ", " two\nlines "),
        ("doc", "12", "12"),
        ("copies", " 12 ", 12),
        ("ratio", "-1.5e3", -1500.0),
        ("urgent", "true", True),
        ("options", '{"a": [1]}', {"a": [1]}),
        ("pages", "[1, 2]", [1, 2]),
        ("other", '"text"', "text"),
        ("other", "null", None),
    ],
)
def test_what_is_filled_in_becomes_a_value_of_the_type_and_back(field: str, text: str, value: Json) -> None:
    read = read_inputs(FIELDS, {f"inputs.{field}": text})

    assert read == {field: value}
    assert read_inputs(FIELDS, filled(FIELDS, {field: value})) == {field: value}


def test_what_is_left_empty_is_left_out() -> None:
    assert read_inputs(FIELDS, {"inputs.doc": "  ", "inputs.copies": "", "inputs.unknown": "x"}) == {}


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("copies", "one", "expected an integer, but"),
        ("copies", "null", "expected an integer, but got 'null'"),
        ("copies", "[1]", "expected an integer, but got '[1]'"),
        ("ratio", "NaN", "expected a number, but"),
        ("urgent", '"true"', "expected true or false, but got"),
        ("options", "{", "expected JSON of type object, but"),
        ("pages", '{"a": 1, "a": 2}', "expected JSON of type array, but"),
        ("other", "text", "a text goes in quotation marks"),
        ("other", "1e999", "expected JSON, but"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(field: str, text: str, sentence: str) -> None:
    refused = read_inputs(FIELDS, {f"inputs.{field}": text})

    assert isinstance(refused, Rejected)
    assert sentence in sentences_by_field(refused)[f"inputs.{field}"]


def test_everything_that_cannot_be_read_is_said_at_once() -> None:
    refused = read_inputs(FIELDS, {"inputs.copies": "x", "inputs.urgent": "x", "inputs.doc": "fine"})

    assert isinstance(refused, Rejected)
    assert set(sentences_by_field(refused)) == {"inputs.copies", "inputs.urgent"}


@pytest.mark.parametrize(("text", "inputs"), [("", {}), (" \n", {}), ('{"any": 1}', {"any": 1})])
def test_a_workflow_without_declared_inputs_takes_an_object(text: str, inputs: JsonObject) -> None:
    assert read_inputs([], {ALL: text}) == inputs
    assert read_inputs([], filled([], inputs)) == inputs


@pytest.mark.parametrize("text", ["[]", "1", "{"])
def test_a_workflow_without_declared_inputs_takes_nothing_else(text: str) -> None:
    refused = read_inputs([], {ALL: text})

    assert isinstance(refused, Rejected)
    assert sentences_by_field(refused)[ALL].startswith("expected a JSON object, but")


def test_a_refusal_without_a_list_is_said_at_its_field() -> None:
    assert sentences_by_field(Rejected("invalid_argument", "expected it shorter", "external_id")) == {
        "external_id": "expected it shorter"
    }
    assert sentences_by_field(Rejected("exhausted", "expected room")) == {}
    assert sentences_by_field(None) == {}
