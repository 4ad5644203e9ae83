"""An expression's outline: what it refers to, and what is refused by its text alone."""

import pytest

from services.engine.domain.cel_source import InvalidExpression, Reference, closing_brace, outline
from services.engine.domain.limits import EXPRESSION_BYTES, EXPRESSION_NESTING


@pytest.mark.parametrize(
    ("source", "references"),
    [
        ("inputs.doc_id", [("inputs", "doc_id")]),
        ("state.a.b.c", [("state", "a", "b", "c")]),
        ("state.a[0].b", [("state", "a")]),
        ("state['a'].b", [("state",)]),
        ("state.a.size()", [("state", "a")]),
        ("size(state.a) > inputs.n", [("state", "a"), ("inputs", "n")]),
        ("has(state.a.b) && !inputs.c", [("state", "a", "b"), ("inputs", "c")]),
        ("inputs.s == 'state.x'", [("inputs", "s")]),
        ('inputs.s == "it\\"s state.x"', [("inputs", "s")]),
        ("inputs.s == r'a\\d' // state.x", [("inputs", "s")]),
        ("{'a': inputs.b}", [("inputs", "b")]),
        ("inputs.a in [1, 2.5, 0x1F, 3u, true, null]", [("inputs", "a")]),
        ("inputs.a ? state.b : run.id", [("inputs", "a"), ("state", "b"), ("run", "id")]),
        ("1 + 2", []),
    ],
)
def test_references_are_read_with_their_fields(source: str, references: list[Reference]) -> None:
    assert list(outline(source).references) == references


@pytest.mark.parametrize("source", ["inputs.doc_id", "state.a.b", "run"])
def test_a_plain_path_is_known_as_one(source: str) -> None:
    assert outline(source).is_path


@pytest.mark.parametrize("source", ["inputs.a + 1", "inputs.a[0]", "size(inputs.a)", "(inputs.a)", "true", "-inputs.a"])
def test_anything_else_is_not_a_path(source: str) -> None:
    assert not outline(source).is_path


def test_the_body_of_a_comprehension_is_told_apart() -> None:
    shape = outline("inputs.list.map(x, x.a + x.b + state.c).size() > inputs.n")

    assert shape.outside == (("inputs", "list"), ("inputs", "n"))
    assert shape.inside == (("state", "c"),)
    assert (shape.loop_variable, shape.loop_uses) == ("x", 3)


@pytest.mark.parametrize(
    ("source", "sentence"),
    [
        ("x" * (EXPRESSION_BYTES + 1), f"expected at most {EXPRESSION_BYTES} bytes"),
        ("inputs.l.map(x, inputs.l.map(y, y))", "expected at most 1 comprehension, but there are 2"),
        ("inputs.l.all(x, x) && inputs.l.exists(x, x)", "expected at most 1 comprehension, but there are 2"),
        ("inputs.l.map(x)", "expected a variable and an expression in the comprehension"),
        ("inputs.l.map(1, x)", "expected a variable and an expression in the comprehension"),
        ("inputs.l.map(x.y, x)", "expected a variable and an expression in the comprehension"),
        ("map(inputs.l, x)", "map() is none that is known here"),
        ("cel.bind(x, 1, x)", "bind() is none that is known here"),
        ("inputs.l.transformList(i, v, v)", "transformList() is none that is known here"),
        ("[" * (EXPRESSION_NESTING + 1) + "]" * (EXPRESSION_NESTING + 1), "levels of nesting"),
        ("true ? 1 : " * (EXPRESSION_NESTING + 1) + "1", "levels of nesting"),
        ("'''a''' == inputs.a", "two in a row"),
        ('"""a"""', "two in a row"),
        ("Message{a: 1}", "would build a message"),
        ("inputs.`a-b`", "'`' has no meaning"),
        ("inputs.a # b", "'#' has no meaning"),
        ("'open", "has no meaning"),
        ("r'\\'.x'", "r stands before it"),
        ("b'a'", "b stands before it"),
    ],
)
def test_what_could_run_long_or_read_twice_is_refused(source: str, sentence: str) -> None:
    with pytest.raises(InvalidExpression) as refused:
        outline(source)

    assert sentence in str(refused.value)
    assert str(refused.value).startswith("expected ")


@pytest.mark.parametrize(
    ("text", "end"),
    [("a}", 1), ("{'a': 1}}", 8), ("'}' + \"}\"}", 9), ("a // }\n}", 7)],
)
def test_the_closing_brace_is_found_past_texts_and_maps(text: str, end: int) -> None:
    assert closing_brace(text, 0) == end


def test_a_missing_brace_is_refused() -> None:
    with pytest.raises(InvalidExpression, match="the text ends before it"):
        closing_brace("inputs.a", 0)
