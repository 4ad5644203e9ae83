"""An action tried out: what it would not take, and the run that invokes it with what was typed."""

from dataclasses import replace

import pytest

from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.catalog import Annotations
from services.audit.dashboard.presenters.trial import beginning, literally, run_of, unaccepted
from services.audit.dashboard.refusals import told
from services.audit.domain.action_cards import ActionCard, Source
from services.engine.domain.definition import Definition, compile_spec
from services.engine.domain.templates import Template, parse_template

CARD = ActionCard("a", "project", None, None, None, None, None, None, None, Annotations(), (), True)
SCHEMA: JsonObject = {
    "type": "object",
    "required": ["id"],
    "properties": {
        "id": {"type": "string", "maxLength": 64},
        "more": {"type": "object", "properties": {"lang": {"type": "string"}}},
        "a/b~": {"type": "string"},
    },
}


@pytest.mark.parametrize(
    ("parameters", "field"),
    [
        ({"id": "x" * 65}, "parameters.id"),
        ({"id": "x", "more": {"lang": 3}}, "parameters.more.lang"),
        ({}, "parameters"),
        ({"id": "x", "a/b~": 1}, "parameters.a/b~"),
    ],
)
def test_what_the_action_would_refuse_is_refused_before_a_run_is_started(parameters: JsonObject, field: str) -> None:
    refused = unaccepted(SCHEMA, parameters)

    assert [field for field, _ in told(refused)] == [field]


@pytest.mark.parametrize("schema", [None, {"$ref": "https://example.com/elsewhere"}, SCHEMA])
def test_what_the_action_takes_or_nobody_can_tell_is_not_refused(schema: JsonObject | None) -> None:
    assert unaccepted(schema, {"id": "x"}) is None


@pytest.mark.parametrize(
    ("schema", "document"),
    [
        (None, {}),
        ({"examples": [{"id": "x"}, {}]}, {"id": "x"}),
        ({"examples": ["x"]}, {}),
        ({"examples": []}, {}),
    ],
)
def test_a_document_begins_with_an_example_of_the_schema(schema: JsonObject | None, document: JsonObject) -> None:
    assert beginning(schema) == document


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
