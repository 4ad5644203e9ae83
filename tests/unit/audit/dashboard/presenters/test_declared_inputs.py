"""A form from the inputs that a workflow declares, and inputs from a form: every type, right and wrong."""

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
from services.audit.dashboard.presenters.declared_inputs import inputs_schema
from services.audit.dashboard.presenters.schema_form import form_of, read_filled
from services.audit.dashboard.refusals import told

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
FORM = form_of(inputs_schema(SPEC), "inputs")
ANY = form_of(inputs_schema({}), "inputs")


def test_declared_inputs_are_fields_with_their_defaults() -> None:
    assert [(one.field, one.control, one.required) for one in FORM.fields] == [
        ("inputs.doc", "area", True),
        ("inputs.copies", "number", False),
        ("inputs.ratio", "number", False),
        ("inputs.urgent", "choice", False),
        ("inputs.options", "json", False),
        ("inputs.pages", "json", False),
        ("inputs.other", "json", False),
    ]
    assert [one.default for one in FORM.fields] == ["", "1", "0.5", "false", '{\n  "lang": "en"\n}', "[]", "null"]
    assert FORM.fields[0].help == "Which."


@pytest.mark.parametrize("spec", [{}, {"inputs": None}, {"inputs": [1, {}, {"name": 3}]}])
def test_a_spec_that_declares_nothing_readable_has_no_fields(spec: JsonObject) -> None:
    assert form_of(inputs_schema(spec), "inputs").fields == ()


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
    read = read_filled(FORM, {f"inputs.{field}": text})

    assert read == {field: value}
    assert read_filled(FORM, FORM.filled({field: value})) == {field: value}


def test_what_is_left_empty_is_left_out() -> None:
    assert read_filled(FORM, {"inputs.doc": "  ", "inputs.copies": "", "inputs.unknown": "x"}) == {}


@pytest.mark.parametrize(
    ("field", "text", "sentence"),
    [
        ("copies", "one", "expected an integer, but got 'one'"),
        ("copies", "null", "expected an integer, but got 'null'"),
        ("copies", "[1]", "expected an integer, but got '[1]'"),
        ("ratio", "NaN", "expected a number, but got 'NaN'"),
        ("urgent", '"true"', "expected true or false, but got"),
        ("options", "{", "expected JSON of type object, but"),
        ("pages", '{"a": 1, "a": 2}', "expected JSON of type array, but"),
        ("other", "text", "a text goes in quotation marks"),
        ("other", "1e999", "expected JSON, but"),
    ],
)
def test_what_cannot_be_read_is_said_at_its_field(field: str, text: str, sentence: str) -> None:
    refused = read_filled(FORM, {f"inputs.{field}": text})

    assert isinstance(refused, Rejected)
    assert [one for one, _ in told(refused)] == [f"inputs.{field}"]
    assert sentence in refused.sentence


def test_everything_that_cannot_be_read_is_said_at_once() -> None:
    refused = read_filled(FORM, {"inputs.copies": "x", "inputs.urgent": "x", "inputs.doc": "fine"})

    assert isinstance(refused, Rejected)
    assert {field for field, _ in told(refused)} == {"inputs.copies", "inputs.urgent"}


@pytest.mark.parametrize(("text", "inputs"), [("", {}), (" \n", {}), ('{"any": 1}', {"any": 1})])
def test_a_workflow_without_declared_inputs_takes_an_object(text: str, inputs: JsonObject) -> None:
    assert read_filled(ANY, {"inputs": text}) == inputs
    assert read_filled(ANY, ANY.filled(inputs)) == inputs


@pytest.mark.parametrize("text", ["[]", "1", "{"])
def test_a_workflow_without_declared_inputs_takes_nothing_else(text: str) -> None:
    refused = read_filled(ANY, {"inputs": text})

    assert isinstance(refused, Rejected)
    assert refused.field == "inputs"
    assert refused.sentence.startswith("expected a JSON object, but")
