"""`${…}` inside parameters: types are kept where nothing else stands beside, and text is text."""

import pytest
from immutables import Map

from libs.contracts.codec import Json, JsonObject
from services.engine.domain.cel_source import InvalidExpression
from services.engine.domain.expressions import ExpressionError, Scope
from services.engine.domain.limits import PAYLOAD_BYTES
from services.engine.domain.problems import Problem
from services.engine.domain.templates import Template, parse_template, unwrapped

INPUTS: JsonObject = {
    "id": "d-1",
    "n": 3,
    "d": 3.0,
    "yes": True,
    "none": None,
    "list": [1, "a", None],
    "tree": {"a": {"b": 1.0}},
    "huge": 2**70,
    "beyond": [2**70],
    "long": "x" * (PAYLOAD_BYTES // 4),
}
SCOPE: Scope = {"inputs": INPUTS, "state": Map(), "run": {}}


def template(parameters: JsonObject) -> Template:
    parsed = parse_template(parameters, "parameters")
    assert isinstance(parsed, Template)
    return parsed


def rendered(value: Json) -> Json:
    return template({"value": value}).render(SCOPE)["value"]


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("${inputs.id}", "d-1"),
        ("${inputs.n}", 3),
        ("${inputs.d}", 3.0),
        ("${ inputs.list }", [1, "a", None]),
        ("${inputs.tree}", {"a": {"b": 1.0}}),
        ("${inputs.none}", None),
        ("${inputs.huge}", 2**70),
        ("${{'a': 1}}", {"a": 1}),
        ("${'}'}", "}"),
    ],
)
def test_a_single_expression_keeps_its_type(text: str, expected: Json) -> None:
    assert repr(rendered(text)) == repr(expected)


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("doc ${inputs.id}.", "doc d-1."),
        (" ${inputs.n}", " 3"),
        ("${inputs.n}${inputs.d}", "33.0"),
        ("${inputs.yes}/${inputs.none}", "true/null"),
        ("l=${inputs.list}", 'l=[1,"a",null]'),
        ("t=${inputs.tree}", 't={"a":{"b":1.0}}'),
        ("h=${inputs.huge}", f"h={2**70}"),
        ("$${inputs.id}", "${inputs.id}"),
        ("$${a} ${inputs.id}", "${a} d-1"),
        ("$$${inputs.id}", "$${inputs.id}"),
        ("costs $5 {ok}", "costs $5 {ok}"),
        ("", ""),
    ],
)
def test_beside_other_text_values_are_written_out(text: str, expected: str) -> None:
    assert rendered(text) == expected


def test_every_depth_is_rendered_and_keys_are_not() -> None:
    parameters: JsonObject = {"a": [{"b": ["${inputs.n}", 1, None]}], "${inputs.id}": True}

    assert template(parameters).render(SCOPE) == {"a": [{"b": [3, 1, None]}], "${inputs.id}": True}


def test_parameters_without_expressions_are_constant() -> None:
    assert template({"a": [1, {"b": "$${x}"}]}).constant == {"a": [1, {"b": "${x}"}]}
    assert template({}).constant == {}
    assert template({"a": "${inputs.n}"}).constant is None


def test_expressions_are_listed_with_their_places() -> None:
    found = template({"a": ["${inputs.n} ${inputs.d}"], "b": "${inputs.id}"}).expressions

    assert [(location, expression.source) for location, expression in found] == [
        (("a", 0), "inputs.n"),
        (("a", 0), "inputs.d"),
        (("b",), "inputs.id"),
    ]


def test_all_bad_expressions_are_reported() -> None:
    problems = parse_template({"a": "${", "b": {"c": ["${1 +}"]}, "d": "${inputs.n}"}, "spec.steps[0].parameters")

    assert isinstance(problems, list)
    assert [problem.field for problem in problems] == ["spec.steps[0].parameters.a", "spec.steps[0].parameters.b.c[0]"]
    assert problems[0] == Problem("spec.steps[0].parameters.a", "expected a closing }, but the text ends before it")


def test_a_missing_variable_fails() -> None:
    with pytest.raises(ExpressionError, match=r"inputs\.nowhere is missing"):
        rendered("id: ${inputs.nowhere}")


@pytest.mark.parametrize("value", ["${inputs.long}" * 5, ["${inputs.long}"] * 5, ["${[inputs.list, inputs.long]}"] * 5])
def test_what_grows_beyond_a_payload_fails_before_it_is_built(value: Json) -> None:
    with pytest.raises(ExpressionError, match="expected rendered values of at most"):
        rendered(value)


def test_a_number_that_json_cannot_carry_inside_text_fails() -> None:
    with pytest.raises(ExpressionError, match="expected values that JSON can carry"):
        rendered("l=${inputs.beyond}")


@pytest.mark.parametrize(
    ("text", "expression"),
    [
        ("inputs.n > 1", "inputs.n > 1"),
        ("${inputs.n > 1}", "inputs.n > 1"),
        ("${{'a': 1}.a == 1}", "{'a': 1}.a == 1"),
        ("${inputs.a} == ${inputs.b}", "${inputs.a} == ${inputs.b}"),
    ],
)
def test_a_condition_stands_bare_or_wrapped(text: str, expression: str) -> None:
    assert unwrapped(text) == expression


def test_a_condition_that_does_not_end_is_refused() -> None:
    with pytest.raises(InvalidExpression):
        unwrapped("${inputs.n")
