"""Reads an expression's tokens before it is compiled: what it refers to, which functions it calls, what it may cost.

The CEL library evaluates without a budget and cannot be interrupted, so whatever could run long is refused by its text:
nested or repeated comprehensions, functions we do not know, deep nesting. The library's own list of variables is held
against ours, so that no text is read in two ways.
"""

import itertools
import re
from collections.abc import Iterator
from dataclasses import dataclass

from services.engine.domain.limits import EXPRESSION_BYTES, EXPRESSION_MACROS, EXPRESSION_NESTING

Reference = tuple[str, ...]
"""`("state", "summary", "text")` for `state.summary.text`."""

MACROS = frozenset({"all", "exists", "exists_one", "filter", "map"})
FUNCTIONS = frozenset(
    """contains double duration dyn endsWith getDate getDayOfMonth getDayOfWeek getDayOfYear getFullYear getHours
    getMilliseconds getMinutes getMonth getSeconds has int matches size startsWith string timestamp uint""".split()
)
WORDS = frozenset({"true", "false", "null", "in"})

_TOKEN = re.compile(
    r"""(?P<space>\s+|//[^\n]*)
    |(?P<text>[rR](?:"(?:\\[^"\n]|[^"\\\n])*"|'(?:\\[^'\n]|[^'\\\n])*')|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*')
    |(?P<number>0[xX][0-9a-fA-F]+[uU]?|\d+(?:\.\d+)?(?:[eE][+-]?\d+)?[uU]?)
    |(?P<name>[A-Za-z_][A-Za-z0-9_]*)
    |(?P<mark>&&|\|\||[<>=!]=|[-+*/%<>!?:.,()\[\]{}])""",
    re.VERBOSE,
)
_OPEN = {"(": ")", "[": "]", "{": "}"}


class InvalidExpression(ValueError):
    """The text is no expression that may run; the message is a sentence."""


@dataclass(frozen=True, slots=True)
class Token:
    kind: str
    text: str
    end: int


@dataclass(frozen=True, slots=True)
class Outline:
    """What an expression will touch. References are listed as often as they occur.

    `inside` are those in the body of its comprehension, which runs once per item; `loop_variable` is named there
    `loop_uses` times.
    """

    outside: tuple[Reference, ...]
    inside: tuple[Reference, ...]
    loop_variable: str | None
    loop_uses: int
    is_path: bool

    @property
    def references(self) -> tuple[Reference, ...]:
        return self.outside + self.inside


def tokens_from(text: str, start: int = 0) -> Iterator[Token]:
    """Tokens from `start` on. Raises InvalidExpression at the first character that CEL does not know."""
    while start < len(text):
        found = _TOKEN.match(text, start)
        if found is None:
            raise InvalidExpression(f"expected an expression, but {text[start]!r} has no meaning in one")
        start = found.end()
        if found.lastgroup != "space":
            yield Token(found.lastgroup or "", found.group(), start)


def closing_brace(text: str, start: int) -> int:
    """Where the `}` stands that ends the expression beginning at `start`. Raises InvalidExpression."""
    depth = 0
    for token in tokens_from(text, start):
        if token.text == "{":
            depth += 1
        elif token.text == "}":
            if depth == 0:
                return token.end - 1
            depth -= 1
    raise InvalidExpression("expected a closing }, but the text ends before it")


def outline(source: str) -> Outline:
    """Reads one expression. Raises InvalidExpression where it is over budget or not understood."""
    if len(source.encode()) > EXPRESSION_BYTES:
        raise InvalidExpression(f"expected at most {EXPRESSION_BYTES} bytes, but the expression is longer")
    tokens = list(tokens_from(source))
    _check_nesting(tokens)
    _check_adjacent(tokens)
    body = _macro_body(tokens)
    loop_variable = tokens[body.start].text if body else None
    outside: list[Reference] = []
    inside: list[Reference] = []
    loop_uses = 0
    for index, reference in _references(tokens):
        if reference[0] == loop_variable and index in body:
            loop_uses += 1
        else:
            (inside if index in body else outside).append(reference)
    is_path = len(outside) == 1 and len(tokens) == 2 * len(outside[0]) - 1
    return Outline(tuple(outside), tuple(inside), loop_variable, loop_uses, is_path)


def _check_nesting(tokens: list[Token]) -> None:
    depth = 0
    for token in tokens:
        if token.text in {*_OPEN, "?"}:
            depth += 1
        elif token.text in _OPEN.values():
            depth -= 1
        if depth > EXPRESSION_NESTING:
            raise InvalidExpression(f"expected at most {EXPRESSION_NESTING} levels of nesting, but there are more")


def _check_adjacent(tokens: list[Token]) -> None:
    """Two texts in a row would be a triple-quoted one, a name before a text a kind of text that we do not read; a name
    before a brace would build a message."""
    for token, following in itertools.pairwise(tokens):
        if token.kind == "text" and following.kind == "text":
            raise InvalidExpression('expected text in single quotes or double quotes, but found """ or two in a row')
        if token.kind != "name" or token.text in WORDS:
            continue
        if following.kind == "text":
            raise InvalidExpression(f"expected text in plain quotes, but {token.text} stands before it")
        if following.text == "{":
            raise InvalidExpression(f"expected a map or a list, but {token.text} {{ would build a message")


def _macro_body(tokens: list[Token]) -> range:
    """The tokens between the brackets of the comprehension; an empty range without one."""
    bodies = [_arguments(tokens, index) for index, name in _calls(tokens) if name in MACROS]
    if len(bodies) > EXPRESSION_MACROS:
        raise InvalidExpression(f"expected at most {EXPRESSION_MACROS} comprehension, but there are {len(bodies)}")
    for body in bodies:
        if len(body) <= len("x,") or tokens[body.start].kind != "name" or tokens[body.start + 1].text != ",":
            raise InvalidExpression(
                "expected a variable and an expression in the comprehension, but found another form"
            )
    return bodies[0] if bodies else range(0)


def _calls(tokens: list[Token]) -> Iterator[tuple[int, str]]:
    """Names before an opening bracket, with the bracket's index. Raises on a name that is no function."""
    for index, token in enumerate(tokens[:-1]):
        if token.kind != "name" or tokens[index + 1].text != "(" or token.text in WORDS:
            continue
        is_method = index > 0 and tokens[index - 1].text == "."
        if token.text not in FUNCTIONS and not (is_method and token.text in MACROS):
            raise InvalidExpression(f"expected a function of CEL, but {token.text}() is none that is known here")
        yield index + 1, token.text


def _arguments(tokens: list[Token], opening: int) -> range:
    depth = 0
    for index in range(opening, len(tokens)):
        depth += (tokens[index].text in _OPEN) - (tokens[index].text in _OPEN.values())
        if depth == 0:
            return range(opening + 1, index)
    raise InvalidExpression("expected a closing ), but the expression ends before it")


def _references(tokens: list[Token]) -> Iterator[tuple[int, Reference]]:
    """Every variable with the fields selected from it, and where it stands."""
    for index, token in enumerate(tokens):
        previous = tokens[index - 1].text if index else ""
        if token.kind != "name" or token.text in WORDS or previous == "." or _text_at(tokens, index + 1) == "(":
            continue
        path = [token.text]
        ahead = index + 1
        while _text_at(tokens, ahead) == "." and _text_at(tokens, ahead + 2) != "(":
            path.append(_text_at(tokens, ahead + 1))
            ahead += 2
        yield index, tuple(path)


def _text_at(tokens: list[Token], index: int) -> str:
    return tokens[index].text if index < len(tokens) else ""
