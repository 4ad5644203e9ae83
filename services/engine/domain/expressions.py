"""CEL expressions: compiled once, evaluated within a budget, JSON in and JSON out.

A plain path such as `inputs.doc_id` is looked up directly, so that values of any size and every number come out as they
went in. `size()` of a text counts its UTF-8 bytes, as the library does.
"""

import math
from base64 import b64encode
from collections.abc import Mapping
from datetime import datetime, timedelta
from functools import lru_cache
from typing import TypeAlias

import cel
from immutables import Map

from libs.contracts.codec import Json
from libs.contracts.envelope import format_time
from services.engine.domain.cel_source import InvalidExpression, Outline, Reference, outline
from services.engine.domain.limits import EXPRESSION_WORK

Scope: TypeAlias = "Mapping[str, Mapping[str, Json] | Json]"
"""Variables by name: `inputs`, `state`, `run`, and inside a loop its item."""

_CHARACTERS_PER_WORK = 64
_INTEGERS = range(-(2**63), 2**64)


class ExpressionError(Exception):
    """The expression met values that it cannot work with; the message is a sentence."""


class Expression:
    """One compiled expression. `references` are the variables it reads."""

    __slots__ = ("_outline", "_program", "_wanted", "source")

    def __init__(self, source: str) -> None:
        self.source = source
        self._outline: Outline = outline(source)
        self._program = _compiled(source, self._outline)
        self._wanted = _tree(self._outline.references)

    @property
    def references(self) -> tuple[Reference, ...]:
        return self._outline.references

    @property
    def loop_variable(self) -> str | None:
        return self._outline.loop_variable

    def evaluate(self, scope: Scope) -> Json:
        """The value in this scope. Raises ExpressionError."""
        if self._outline.is_path:
            return _looked_up(scope, self._outline.outside[0])
        context = {name: _pruned(scope[name], below) for name, below in self._wanted.items() if name in scope}
        self._check_work(context)
        try:
            result: object = self._program.execute(context)
        except Exception as error:  # the library raises whatever fits: KeyError, TypeError, OverflowError, RuntimeError
            raise ExpressionError(f"expected {self.source} to have a value, but {_reason(error)}") from None
        return _as_json(result, self.source)

    def is_true(self, scope: Scope) -> bool:
        """For conditions. Raises ExpressionError, also for what is neither true nor false."""
        value = self.evaluate(scope)
        if isinstance(value, bool):
            return value
        raise ExpressionError(f"expected {self.source} to be true or false, but it is {type(value).__name__}")

    def _check_work(self, context: Scope) -> None:
        """The comprehension's body may run once per value outside it."""
        once = sum(_size(context, path) for path in self._outline.outside) + len(self.source) // _CHARACTERS_PER_WORK
        if self._outline.loop_variable is not None:
            body = sum(_size(context, path) for path in self._outline.inside)
            once *= 1 + self._outline.loop_uses + body
        if once > EXPRESSION_WORK:
            raise ExpressionError(
                f"expected {self.source} to touch at most {EXPRESSION_WORK} values, but it may touch {once}"
            )


@lru_cache(maxsize=4096)
def compile_expression(source: str) -> Expression:
    """The expression, compiled once per process. Raises InvalidExpression."""
    return Expression(source)


def _compiled(source: str, shape: Outline) -> cel.Program:
    try:
        program = cel.compile(source)
    except ValueError as error:
        lines = str(error).splitlines()
        raise InvalidExpression(
            f"expected a CEL expression, but {lines[0].partition('ERROR: ')[2] or lines[0]}"
        ) from None
    known = {path[0] for path in shape.references}
    if set(program.variables()) - {shape.loop_variable} != known - {shape.loop_variable}:
        raise InvalidExpression("expected an expression that reads in one way only, but its variables are ambiguous")
    return program


_Tree: TypeAlias = "dict[str, _Tree]"


def _tree(references: tuple[Reference, ...]) -> _Tree:
    """References by their parts; an empty tree means the whole value."""
    tree: _Tree = {}
    for path in sorted(set(references), key=len, reverse=True):
        node = tree
        for part in path[:-1]:
            node = node.setdefault(part, {})
        node[path[-1]] = {}
    return tree


def _pruned(value: "Mapping[str, Json] | Json", wanted: _Tree) -> Json:
    """Only what the expression selects: the library copies everything that it is given."""
    if isinstance(value, Map):
        value = dict(value) if not wanted else {name: value[name] for name in wanted if name in value}
    if not isinstance(value, dict) or not wanted:
        return value  # type: ignore[return-value]
    return {name: _pruned(value[name], below) for name, below in wanted.items() if name in value}


def _looked_up(scope: Scope, path: Reference) -> Json:
    value: object = scope
    for index, part in enumerate(path):
        if not isinstance(value, dict | Map) or part not in value:
            raise ExpressionError(
                f"expected {'.'.join(path)} to have a value, but {'.'.join(path[: index + 1])} is missing"
            )
        value = value[part]
    if isinstance(value, Map):  # in an order that does not depend on the process
        return {name: value[name] for name in sorted(value)}
    return value  # type: ignore[return-value]


def _size(scope: Scope, path: Reference) -> int:
    try:
        value = _looked_up(scope, path)
    except ExpressionError:
        return 1  # has() may ask for it
    return _weight(value, EXPRESSION_WORK)


def _weight(value: Json, budget: int) -> int:
    """How many values, long texts counting for several; stops above the budget."""
    if isinstance(value, str):
        return 1 + len(value) // _CHARACTERS_PER_WORK
    if isinstance(value, int) and value not in _INTEGERS:
        raise ExpressionError("expected integers of at most 64 bits in an expression, but one is larger")
    if not isinstance(value, list | dict):
        return 1
    total = 1
    for item in value.values() if isinstance(value, dict) else value:
        total += _weight(item, budget - total)
        if total > budget:
            break
    return total


def _as_json(value: object, source: str) -> Json:
    match value:
        case None | bool() | int():
            return value
        case float() | str() if _is_carried(value):
            return value
        case list():
            return [_as_json(item, source) for item in value]
        case dict() if all(isinstance(key, str) and _is_carried(key) for key in value):
            return {key: _as_json(value[key], source) for key in sorted(value)}  # the library's order is by chance
        case datetime():
            return format_time(value)
        case timedelta():
            return f"{value.total_seconds():g}s"
        case bytes():
            return b64encode(value).decode()
    raise ExpressionError(f"expected {source} to be a JSON value, but it is {value!r}")


def _is_carried(value: float | str) -> bool:
    """As of everything from outside: JSON has no infinity, and the database takes no U+0000."""
    return "\0" not in value if isinstance(value, str) else math.isfinite(value)


def _reason(error: Exception) -> str:
    if isinstance(error, KeyError):
        return f"{str(error.args[0])!r} is missing"
    return str(error).splitlines()[0]
