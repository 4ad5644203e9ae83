"""Parameters with `${…}` in their texts: parsed once, rendered per step.

A text that is exactly one `${…}` takes the value with its type; otherwise values are written into the text, objects and
lists as JSON. `$${` is a literal `${`.
"""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import TypeAlias

from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json
from services.engine.domain.cel_source import InvalidExpression, closing_brace
from services.engine.domain.expressions import Expression, ExpressionError, Scope, compile_expression
from services.engine.domain.limits import PAYLOAD_BYTES
from services.engine.domain.problems import Problem, at

_MARK = re.compile(r"\$\$\{|\$\{")
Location: TypeAlias = tuple[str | int, ...]


class _Allowance:
    """How much one rendering may still write, in bytes of JSON: a short template can name a large value many times."""

    __slots__ = ("left",)

    def __init__(self) -> None:
        self.left = PAYLOAD_BYTES

    def spend(self, value: Json) -> None:
        self.left -= (
            len(dump_json(value)) if isinstance(value, dict | list) else len(value) if isinstance(value, str) else 1
        )
        if self.left < 0:
            raise ExpressionError(f"expected rendered values of at most {PAYLOAD_BYTES} bytes, but they are larger")


@dataclass(frozen=True, slots=True)
class _Constant:
    value: Json

    def render(self, scope: Scope, allowance: _Allowance) -> Json:
        return self.value


@dataclass(frozen=True, slots=True)
class _Value:
    expression: Expression

    def render(self, scope: Scope, allowance: _Allowance) -> Json:
        value = self.expression.evaluate(scope)
        allowance.spend(value)
        return value


@dataclass(frozen=True, slots=True)
class _Text:
    parts: tuple[str | Expression, ...]

    def render(self, scope: Scope, allowance: _Allowance) -> Json:
        return "".join(
            [part if isinstance(part, str) else self._written(part, scope, allowance) for part in self.parts]
        )

    @staticmethod
    def _written(part: Expression, scope: Scope, allowance: _Allowance) -> str:
        value = part.evaluate(scope)
        allowance.spend(value)
        return as_text(value)


@dataclass(frozen=True, slots=True)
class _List:
    items: tuple["_Node", ...]

    def render(self, scope: Scope, allowance: _Allowance) -> Json:
        return [item.render(scope, allowance) for item in self.items]


@dataclass(frozen=True, slots=True)
class _Object:
    fields: tuple[tuple[str, "_Node"], ...]

    def render(self, scope: Scope, allowance: _Allowance) -> Json:
        return {name: node.render(scope, allowance) for name, node in self.fields}


_Node: TypeAlias = _Constant | _Value | _Text | _List | _Object


@dataclass(frozen=True, slots=True)
class Template:
    """The parameters of one step. `expressions` says where each expression stands."""

    root: _Node
    expressions: tuple[tuple[Location, Expression], ...]

    @property
    def constant(self) -> "JsonObject | None":
        """The parameters, where no expression is in them."""
        value = self.root.value if isinstance(self.root, _Constant) else None
        return value if isinstance(value, dict) else None

    def render(self, scope: Scope) -> JsonObject:
        """The parameters in this scope. Raises ExpressionError."""
        try:
            rendered = self.root.render(scope, _Allowance())
        except InvalidJson as error:
            raise ExpressionError(f"expected values that JSON can carry, but {error}") from None
        assert isinstance(rendered, dict)
        return rendered


NO_PARAMETERS = Template(_Constant({}), ())
"""What a step that gives none is called with."""


def parse_template(parameters: JsonObject, root: str) -> Template | list[Problem]:
    """The template of a parameters object, or everything wrong with its expressions; `root` is its path."""
    expressions: list[tuple[Location, Expression]] = []
    problems: list[Problem] = []

    def build(value: Json, location: Location) -> _Node:
        try:
            return _node(value, location)
        except InvalidExpression as error:
            problems.append(Problem(at(root, location), str(error)))
            return _Constant(None)

    def _node(value: Json, location: Location) -> _Node:
        if isinstance(value, str):
            node = _text_node(value)
            expressions.extend((location, expression) for expression in _within(node))
            return node
        if isinstance(value, list):
            return _joined([build(item, (*location, index)) for index, item in enumerate(value)])
        if isinstance(value, dict):
            return _keyed({name: build(item, (*location, name)) for name, item in value.items()})
        return _Constant(value)

    node = build(parameters, ())
    return problems or Template(node, tuple(expressions))


def as_text(value: Json) -> str:
    """How a value reads inside a text."""
    if isinstance(value, str):
        return value
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return dump_json(value).decode()


def unwrapped(text: str) -> str:
    """The expression of a condition, which may stand bare or in `${…}`. Raises InvalidExpression."""
    if text.startswith("${") and closing_brace(text, 2) == len(text) - 1:
        return text[2:-1]
    return text


def _text_node(text: str) -> _Node:
    if "${" not in text:
        return _Constant(text)
    parts = list(_parts(text))
    if len(parts) == 1 and isinstance(parts[0], Expression):
        return _Value(parts[0])
    if all(isinstance(part, str) for part in parts):
        return _Constant("".join(str(part) for part in parts))
    return _Text(tuple(parts))


def _parts(text: str) -> Iterator[str | Expression]:
    position = 0
    while mark := _MARK.search(text, position):
        if mark.start() > position:
            yield text[position : mark.start()]
        position = mark.end()
        if mark.group() == "$${":
            yield "${"
            continue
        closing = closing_brace(text, position)
        yield compile_expression(text[position:closing].strip())
        position = closing + 1
    if position < len(text):
        yield text[position:]


def _within(node: _Node) -> Iterator[Expression]:
    if isinstance(node, _Value):
        yield node.expression
    elif isinstance(node, _Text):
        yield from (part for part in node.parts if isinstance(part, Expression))


def _joined(items: list[_Node]) -> _Node:
    constants = [item.value for item in items if isinstance(item, _Constant)]
    return _Constant(constants) if len(constants) == len(items) else _List(tuple(items))


def _keyed(fields: dict[str, _Node]) -> _Node:
    constants: JsonObject = {name: node.value for name, node in fields.items() if isinstance(node, _Constant)}
    return _Constant(constants) if len(constants) == len(fields) else _Object(tuple(fields.items()))
