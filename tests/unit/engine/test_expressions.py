"""What expressions evaluate to, and how they fail. JSON in equals JSON out."""

import pytest
from immutables import Map

from libs.contracts.codec import Json, JsonObject
from services.engine.domain.cel_source import InvalidExpression
from services.engine.domain.expressions import Expression, ExpressionError, Scope, compile_expression

VALUES: JsonObject = {
    "n": 3,
    "d": 3.0,
    "huge": 2**70,
    "most": 2**64 - 1,
    "text": "abc",
    "yes": True,
    "nothing": None,
    "list": [1, 2.5, "x", {"a": None}],
    "tree": {"a-b": 2, "left": {"value": 1}},
    "numbers": [*range(1000)],
    "long": "x" * 200_000,
}
STATE: Map[str, Json] = Map(summary={"text": "short"})
SCOPE: Scope = {"inputs": VALUES, "state": STATE, "run": {"id": "run_1"}}


def value_of(source: str) -> Json:
    return compile_expression(source).evaluate(SCOPE)


def same(one: Json, other: Json) -> bool:
    """Equal, and of the same type all the way down: 1 is not 1.0."""
    return repr(one) == repr(other)


@pytest.mark.parametrize("name", VALUES)
def test_a_path_gives_the_value_itself(name: str) -> None:
    assert value_of(f"inputs.{name}") is VALUES[name]


@pytest.mark.parametrize("name", [name for name in VALUES if name not in {"huge", "long"}])
def test_the_library_gives_the_same_value(name: str) -> None:
    """An index keeps the expression from being a plain path."""
    assert same(value_of(f"[inputs.{name}][0]"), VALUES[name])


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        ("inputs.n + 1", 4),
        ("inputs.d + 1.0", 4.0),
        ("inputs.n == 3 && inputs.d == 3.0", True),
        ("inputs.tree.left.value", 1),
        ("inputs.tree['a-b']", 2),
        ("inputs.tree['left']", {"value": 1}),
        ("state.summary.text", "short"),
        ("state", {"summary": {"text": "short"}}),
        ("state['summary'].text + '!'", "short!"),
        ("run.id.startsWith('run_')", True),
        ("has(inputs.tree.left)", True),
        ("has(inputs.tree.right)", False),
        ("has(inputs.nowhere)", False),
        ("has(inputs.nothing)", True),
        ("inputs.list.map(x, x)", [1, 2.5, "x", {"a": None}]),
        ("inputs.numbers.filter(x, x < inputs.n)", [0, 1, 2]),
        ("inputs.numbers.all(x, x >= 0)", True),
        ("{'n': inputs.n, 'list': [inputs.d]}", {"list": [3.0], "n": 3}),
        ("timestamp('2030-01-31T09:30:00Z')", "2030-01-31T09:30:00.000000Z"),
        ("duration('90s')", "90s"),
        ("inputs.n > 2 ? 'many' : 'few'", "many"),
    ],
)
def test_expressions_give_json(source: str, expected: Json) -> None:
    assert same(value_of(source), expected)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("inputs.nowhere", "expected inputs.nowhere to have a value, but inputs.nowhere is missing"),
        (
            "inputs.tree.right.value",
            "expected inputs.tree.right.value to have a value, but inputs.tree.right is missing",
        ),
        ("inputs.n.x", "expected inputs.n.x to have a value, but inputs.n.x is missing"),
        ("inputs.nowhere + 1", "expected inputs.nowhere + 1 to have a value, but 'nowhere' is missing"),
        ("inputs.n + inputs.d", "expected inputs.n + inputs.d to have a value, but "),
        ("inputs.list[9]", "index out of bounds: 9"),
        ("inputs.n / 0", "division by zero"),
        ("9223372036854775807 + inputs.n", "overflow"),
        ("inputs.text.matches('(')", "regex"),
        ("'a\\u0000'", "to be a JSON value, but it is 'a\\x00'"),
        ("1.0 / 0.0", "expected 1.0 / 0.0 to be a JSON value, but it is inf"),
        ("{1: inputs.n}", "expected {1: inputs.n} to be a JSON value, but it is {1: 3}"),
        ("inputs.huge + 1", "expected integers of at most 64 bits in an expression, but one is larger"),
        ("elsewhere.x + 1", "but Undefined variable or function: 'elsewhere'"),
    ],
)
def test_a_failure_is_a_sentence(source: str, sentence: str) -> None:
    with pytest.raises(ExpressionError) as failed:
        value_of(source)

    assert sentence in str(failed.value)


@pytest.mark.parametrize(
    "source",
    [
        "inputs.numbers.all(x, x in inputs.numbers)",
        "inputs.numbers.map(x, inputs.numbers)",
        " + ".join(["inputs.long"] * 30),
        "inputs.numbers.map(x, " + " + ".join(["x"] * 60) + ")",
    ],
)
def test_what_would_run_long_is_refused_before_it_runs(source: str) -> None:
    with pytest.raises(ExpressionError, match="to touch at most 50000 values, but it may touch"):
        value_of(source)


def test_only_what_is_selected_is_weighed_and_copied() -> None:
    state: Map[str, Json] = Map(big={"list": [0] * 200_000, "n": 1})

    assert compile_expression("state.big.n + 1").evaluate({"state": state}) == 2


def test_the_whole_state_reads_in_the_same_order_everywhere() -> None:
    state: Map[str, Json] = Map(dict.fromkeys("zyxwvutsrqponmlkjihgfedcba", 1))
    found = compile_expression("state").evaluate({"state": state})

    assert isinstance(found, dict)
    assert list(found) == sorted(state)


def test_a_whole_value_wins_over_a_field_of_it() -> None:
    assert same(value_of("[inputs.tree, inputs.tree.left.value]"), [VALUES["tree"], 1])


@pytest.mark.parametrize(("source", "holds"), [("inputs.yes", True), ("inputs.n > 5", False)])
def test_a_condition_is_true_or_false(source: str, holds: bool) -> None:
    assert compile_expression(source).is_true(SCOPE) is holds


@pytest.mark.parametrize("source", ["inputs.n", "inputs.text", "inputs.nothing"])
def test_a_condition_of_another_type_fails(source: str) -> None:
    with pytest.raises(ExpressionError, match=r"to be true or false, but it is"):
        compile_expression(source).is_true(SCOPE)


@pytest.mark.parametrize("source", ["", "1 +", "a b", "inputs.in", "x ? y", "(", "inputs..x", "1.2.3"])
def test_what_is_no_expression_is_refused(source: str) -> None:
    with pytest.raises(InvalidExpression, match=r"^expected "):
        Expression(source)


def test_the_same_text_is_compiled_once() -> None:
    assert compile_expression("inputs.a + 1") is compile_expression("inputs.a + 1")
