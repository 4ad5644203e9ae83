"""The shape of a spec: names, types, nothing unknown, and every offence with its place."""

import pytest

from libs.contracts.codec import Json, JsonObject
from services.engine.domain.problems import Problem
from services.engine.domain.spec import WorkflowSpec, parse
from tests.unit.engine.live_run import spec, step


def problems(raw: JsonObject) -> list[Problem]:
    found = parse(raw)
    assert isinstance(found, list)
    return found


def test_every_field_of_the_wire_is_known() -> None:
    every: JsonObject = {
        **step("a", "work", description="d", action_kind="server", store="s", parameters={"x": [1]}),
        "next": [{"step": "a", "condition": "true", "branch": "b"}],
        "edge_matching_strategy": "first",
        "each": {"items": "${inputs.l}", "as": "one"},
        "layout": {"x": 1, "y": 2.5},
        "retry": [
            {
                "error_equals": ["timeout"],
                "max_retries": 0,
                "base_delay": "1s",
                "max_delay": "1m",
                "backoff_rate": 1.5,
                "jitter_strategy": "FULL",
                "timeout": "2s",
            }
        ],
        "catch": [{"error_equals": ["all"], "next": "a", "store": "error"}],
    }
    others: list[JsonObject] = [
        {"name": "j", "join": {"branches": ["b"], "count": 1, "branch_mappings": {"b": "v"}}},
        {"name": "s", "sleep": {"duration": "1s"}},
        {"name": "w", "wait_signal": {"topic": "t", "timeout": "1h", "store": "v", "on_timeout": "a"}},
        {"name": "p", "pause": {}},
        {
            "name": "i",
            "interaction": {
                "type": "approval",
                "message": "m",
                "target": {"type": "user", "id": "u"},
                "timeout": "1h",
                "context": {},
                "spec": {"mode": "confirm"},
                "require_all": False,
            },
        },
    ]
    whole = spec(
        every,
        *others,
        description="d",
        start_at="a",
        inputs=[{"name": "n", "type": "string", "description": "d", "default": "x"}],
        outputs=[{"name": "o", "variable": "s", "branch": "b", "description": "d"}],
        state={"v": 1},
    )

    parsed = parse(whole)

    assert isinstance(parsed, WorkflowSpec)
    assert [one.shapes[0] for one in parsed.steps] == ["action", "join", "sleep", "wait_signal", "pause", "interaction"]


@pytest.mark.parametrize(
    ("raw", "field", "sentence"),
    [
        ({"steps": [step("a")]}, "spec.name", "expected a value, but it is missing"),
        ({"name": "f"}, "spec.steps", "expected a value, but it is missing"),
        (spec(), "spec.steps", "expected at least 1 item, but got a list of 0"),
        ({"name": 7, "steps": [step("a")]}, "spec.name", "expected text, but got 7"),
        ({"name": "", "steps": [step("a")]}, "spec.name", "expected at least 1 character, but got ''"),
        ({"name": "f", "steps": {}}, "spec.steps", "expected a list, but got an object"),
        (spec(step("a"), colour="red"), "spec.colour", "expected a known field, but 'colour' is none"),
        (spec(step("a", colour=1)), "spec.steps[0].colour", "expected a known field, but 'colour' is none"),
        (spec(step("a", next=[{}])), "spec.steps[0].next[0].step", "expected a value, but it is missing"),
        (
            spec(step("a", parameters=[])),
            "spec.steps[0].parameters",
            "expected an object, but got a list of 0",
        ),
        (
            spec(step("a", action_kind="magic")),
            "spec.steps[0].action_kind",
            "expected 'worker' or 'server', but got 'magic'",
        ),
        (spec({"name": "a", "sleep": {}}), "spec.steps[0].sleep.duration", "expected a value, but it is missing"),
        (spec(step("n" * 129)), "spec.steps[0].name", "expected at most 128 characters, but got 129 characters"),
        (
            spec(step("a", each={"items": 1, "as": None, "x": 1})),
            "spec.steps[0].each.x",
            "expected a known field, but 'x' is none",
        ),
        (spec(step("a"), inputs=[{"name": "n"}]), "spec.inputs[0].type", "expected a value, but it is missing"),
        (spec(step("a"), state=None), "spec.state", "expected an object, but got null"),
    ],
)
def test_a_wrong_shape_names_its_place(raw: JsonObject, field: str, sentence: str) -> None:
    assert [(one.field, one.sentence) for one in problems(raw)] == [(field, sentence)]


def test_all_offences_come_at_once_with_their_steps() -> None:
    found = problems(spec(step("a", store=1), step("b", colour=1), {"action": "work"}))

    assert [(one.step, one.field) for one in found] == [
        ("a", "spec.steps[0].store"),
        ("b", "spec.steps[1].colour"),
        (None, "spec.steps[2].name"),
    ]


@pytest.mark.parametrize("value", [None, 0, "x"])
def test_a_default_counts_as_given_whatever_it_is(value: Json) -> None:
    parsed = parse(spec(step("a"), inputs=[{"name": "n", "type": "any", "default": value}]))

    assert isinstance(parsed, WorkflowSpec)
    assert parsed.inputs[0].has_default


def test_without_a_default_there_is_none() -> None:
    parsed = parse(spec(step("a"), inputs=[{"name": "n", "type": "any"}]))

    assert isinstance(parsed, WorkflowSpec)
    assert not parsed.inputs[0].has_default
