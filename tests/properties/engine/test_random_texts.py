"""Whatever people write: it is accepted or refused with a sentence, and JSON goes through unchanged."""

from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.codec import Json, JsonObject
from services.engine.domain.cel_source import InvalidExpression, outline
from services.engine.domain.definition import Definition, compile_spec
from services.engine.domain.expressions import Expression, ExpressionError, Scope, compile_expression
from services.engine.domain.templates import Template, parse_template
from tests.properties.engine.random_specs import Case, cases

TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\0"), max_size=8)
"""What the codec lets in."""

SMALL = st.floats(allow_nan=False, allow_infinity=False)
JSON: st.SearchStrategy[Json] = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**63), 2**63 - 1) | SMALL | TEXT,
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(TEXT, inner, max_size=4),
    max_leaves=10,
)
PIECES = """inputs state run .a ['a'] [0] ( ) { } [ ] , : ? + - * / % ! == != <= && || in true null 1 2.5 0x1F 3u "t"
'text' r'raw' b'bytes' '''long''' .map( .all( .size() size( has( x, x // \\ ' " ` @ # $ ${ } ; = & |""".split()


@given(JSON)
def test_a_reference_gives_back_what_was_given(value: Json) -> None:
    template = parse_template({"v": "${inputs.v}"}, "parameters")

    assert isinstance(template, Template)
    assert repr(template.render({"inputs": {"v": value}})["v"]) == repr(value)


@given(JSON)
def test_the_library_gives_back_what_was_given(value: Json) -> None:
    found = compile_expression("[inputs.v][0]").evaluate({"inputs": {"v": value}})

    assert repr(_sorted(found)) == repr(_sorted(value))


@given(st.text(st.sampled_from("ab ${}'\"\\n"), max_size=30))
def test_any_text_can_be_escaped(text: str) -> None:
    template = parse_template({"v": text.replace("${", "$${")}, "parameters")

    assert isinstance(template, Template)
    assert template.constant == {"v": text}


@settings(max_examples=300)
@given(st.lists(st.sampled_from(PIECES), max_size=12).map(" ".join) | st.text(max_size=40))
def test_any_text_is_an_expression_or_refused(text: str) -> None:
    scope: Scope = {"inputs": {"a": 1}, "state": {"a": [1, 2]}, "run": {"a": "text"}}
    sentence = ""
    try:
        expression = Expression(text)
        assert expression.references == outline(text).references
        expression.evaluate(scope)
    except (InvalidExpression, ExpressionError) as refused:
        sentence = str(refused)

    assert not sentence or sentence.startswith("expected ")


@given(st.lists(st.sampled_from(PIECES), max_size=12).map("".join))
def test_any_template_is_parsed_or_refused(text: str) -> None:
    parsed = parse_template({"v": text}, "parameters")

    assert isinstance(parsed, Template) or [problem.field for problem in parsed] == ["parameters.v"]


@given(st.dictionaries(st.sampled_from(["name", "steps", "state", "inputs", "outputs", "more"]), JSON))
def test_any_object_is_a_spec_or_refused(raw: JsonObject) -> None:
    check_compiled(raw)


@given(cases(), st.data())
def test_a_spec_with_one_part_replaced_is_compiled_or_refused(case: Case, data: st.DataObject) -> None:
    assert isinstance(compile_spec(case.spec), Definition)
    steps = case.spec["steps"]
    assert isinstance(steps, list)
    step = data.draw(st.sampled_from(steps))
    assert isinstance(step, dict)
    changed = {**step, data.draw(st.sampled_from([*step, "sleep", "each", "join"])): data.draw(JSON)}

    check_compiled({**case.spec, "steps": [changed if one is step else one for one in steps]})


def check_compiled(raw: JsonObject) -> None:
    compiled = compile_spec(raw)
    if not isinstance(compiled, Definition):
        assert compiled
        assert all(
            problem.field.startswith("spec") and problem.sentence.startswith("expected ") for problem in compiled
        )


def _sorted(value: Json) -> Json:
    if isinstance(value, dict):
        return {name: _sorted(value[name]) for name in sorted(value)}
    return [_sorted(item) for item in value] if isinstance(value, list) else value
