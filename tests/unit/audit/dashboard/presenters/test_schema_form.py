"""Forms made from schemas, and what is read back from them."""

from collections.abc import Mapping
from dataclasses import replace

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.catalog import Annotations
from services.audit.dashboard.pages.try_action import literally, run_of
from services.audit.dashboard.presenters.schema_form import fields_of, read_parameters
from services.audit.domain.action_cards import ActionCard, Source
from services.engine.domain.definition import Definition, compile_spec
from services.engine.domain.templates import Template, parse_template

CARD = ActionCard("a", "project", None, None, None, None, None, None, None, Annotations(), (), True)
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


def test_each_parameter_has_its_control_and_the_required_come_first() -> None:
    fields = fields_of(SCHEMA)
    assert fields is not None
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
    assert fields_of(INTRICATE[case]) is None


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
    assert read_parameters(SCHEMA, fields_of(SCHEMA), form) == {
        "id": " a ",
        "how": None,
        "count": 2,
        "loud": True,
        "more": {"lang": "de"},
    }


def test_everything_that_is_wrong_is_told_at_once_each_at_its_field() -> None:
    form = {"parameters.id": "a", "parameters.count": "true", "parameters.how": "odd", "parameters.more": "{\n"}
    refused = read_parameters(SCHEMA, fields_of(SCHEMA), form)
    assert isinstance(refused, Rejected)
    errors = (refused.details or {})["errors"]
    assert isinstance(errors, list)
    assert [one["field"] for one in errors if isinstance(one, dict)] == [
        "parameters.how",
        "parameters.count",
        "parameters.more",
    ]
    assert "line 2" in str(errors[2])


@pytest.mark.parametrize(
    ("form", "field"),
    [
        ({"parameters.id": "x" * 65, "parameters.how": "2"}, "parameters.id"),
        ({"parameters.id": "x", "parameters.how": '"odd"'}, "parameters.how"),
        ({"parameters.id": "x", "parameters.how": "2", "parameters.more": '{"lang": 3}'}, "parameters.more.lang"),
        ({"parameters.how": "2"}, "parameters.id"),
    ],
)
def test_what_the_action_would_refuse_is_refused_before_a_run_is_started(form: Mapping[str, str], field: str) -> None:
    refused = read_parameters(SCHEMA, fields_of(SCHEMA), form)
    assert isinstance(refused, Rejected)
    assert (refused.field or "").startswith((field, "parameters"))
    assert field.rpartition(".")[2] in refused.sentence or refused.field == field


@pytest.mark.parametrize("text", ["[]", "3", "null", '"a"', "{", '{"a": NaN}', '{"a": 1, "a": 2}', "\ud800"])
def test_a_document_that_is_no_object_is_refused(text: str) -> None:
    refused = read_parameters(None, None, {"parameters": text})
    assert isinstance(refused, Rejected)
    assert refused.field == "parameters"
    assert refused.sentence.startswith("expected a JSON object")


def test_no_document_is_an_empty_one() -> None:
    assert read_parameters(None, None, {}) == {}


@pytest.mark.parametrize(
    "value", ["${inputs.a}", "$${x}", "$$${", "a ${ b", {"k": ["${run.id}", 1, None, {"d": "$"}]}, "plain"]
)
def test_what_was_typed_reaches_the_action_as_it_was_typed(value: Json) -> None:
    said = literally({"value": value})
    assert isinstance(said, dict)
    template = parse_template(said, "parameters")
    assert isinstance(template, Template)
    assert template.constant == {"value": value}


def test_a_run_is_dry_only_where_that_is_asked_for() -> None:
    assert run_of(CARD, {}, dry=True)["dry_run"] is True
    assert "dry_run" not in run_of(CARD, {}, dry=False)


@pytest.mark.parametrize(("source", "kind"), [("project", "worker"), ("platform", "server")])
def test_the_step_is_carried_out_by_whoever_provides_the_action(source: Source, kind: str) -> None:
    spec = run_of(replace(CARD, source=source), {"a": 1}, dry=False)["spec"]
    assert isinstance(spec, dict)
    definition = compile_spec(spec)
    assert isinstance(definition, Definition)
    assert [(step.kind, step.parameters.constant) for step in definition.steps.values()] == [(kind, {"a": 1})]
