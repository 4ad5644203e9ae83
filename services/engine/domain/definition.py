"""The compiled form of a spec: steps by name, order resolved to edges, templates and conditions parsed.

Compiled once per process for every spec, keyed by its bytes; what is wrong with a spec is remembered just so.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import TypeAlias

from immutables import Map

from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json, parse_json
from libs.contracts.events.engine import StepKind
from services.engine.domain.cel_source import InvalidExpression
from services.engine.domain.checks import checked, variables_of
from services.engine.domain.definition_cache import DefinitionCache
from services.engine.domain.expressions import Expression, compile_expression
from services.engine.domain.graph import repeatable
from services.engine.domain.inputs import too_deep
from services.engine.domain.limits import SPEC_BYTES, SPEC_BYTES_REMEMBERED, VALUE_DEPTH
from services.engine.domain.ordering import edges_of, start_of
from services.engine.domain.problems import Problem, at
from services.engine.domain.scope import Names
from services.engine.domain.spec import EdgeSpec, InputSpec, OutputSpec, StepSpec, WorkflowSpec, parse
from services.engine.domain.templates import NO_PARAMETERS, Template, parse_template, unwrapped


@dataclass(frozen=True, slots=True)
class Edge:
    step: str
    branch: str | None
    condition: Expression | None


@dataclass(frozen=True, slots=True)
class Step:
    """An action step. `repeats`: a path can come to it more than once."""

    name: str
    index: int
    kind: StepKind
    action: str
    parameters: Template
    store: str | None
    edges: tuple[Edge, ...]
    first_only: bool
    repeats: bool


@dataclass(frozen=True, slots=True)
class Definition:
    """`state` holds the variables that every run begins with. Two are equal if they were made from the same bytes."""

    encoded: bytes = field(repr=False)
    name: str = field(compare=False)
    start: str = field(compare=False)
    steps: Mapping[str, Step] = field(compare=False, repr=False)
    inputs: tuple[InputSpec, ...] = field(compare=False)
    outputs: tuple[OutputSpec, ...] = field(compare=False)
    state: Map[str, Json] = field(compare=False)


Compiled: TypeAlias = Definition | tuple[Problem, ...]


def compile_spec(raw: JsonObject) -> Compiled:
    """The definition, or everything that is wrong with the spec in itself (the catalog is not asked)."""
    try:
        encoded = dump_json(raw)
        if len(encoded) > SPEC_BYTES:
            return (Problem("spec", f"expected at most {SPEC_BYTES} bytes, but it has {len(encoded)}"),)
        return _CACHE.compiled(encoded)
    except InvalidJson as error:
        return (Problem("spec", f"expected values that JSON can carry, but {error}"),)


def _compiled(encoded: bytes) -> Compiled:
    raw = parse_json(encoded)
    if too_deep(raw):
        return (Problem("spec", f"expected at most {VALUE_DEPTH} levels, but it is deeper"),)
    spec = parse(raw) if isinstance(raw, dict) else [Problem("spec", "expected an object, but it is none")]
    if isinstance(spec, list):
        return tuple(spec)
    problems = checked(spec)
    steps = _Builder(spec, problems).steps()
    if problems:
        return tuple(problems)
    return Definition(
        encoded=encoded,
        name=spec.name,
        start=start_of(spec),
        steps={step.name: step for step in steps},
        inputs=tuple(spec.inputs),
        outputs=tuple(spec.outputs),
        state=Map(spec.state),
    )


_CACHE: DefinitionCache[Compiled] = DefinitionCache(_compiled, SPEC_BYTES_REMEMBERED)


class _Builder:
    """Compiles the steps of one spec and appends what is wrong with their expressions to `problems`."""

    def __init__(self, spec: WorkflowSpec, problems: list[Problem]) -> None:
        self._spec = spec
        self._problems = problems
        self._sound = not problems
        self._names = Names(inputs={one.name for one in spec.inputs}, state=variables_of(spec))

    def steps(self) -> list[Step]:
        edges = edges_of(self._spec)
        repeats = (
            repeatable({name: [edge.step for edge in out] for name, out in edges.items()}) if self._sound else set()
        )
        return [
            self._step(index, step, edges[step.name], step.name in repeats)
            for index, step in enumerate(self._spec.steps)
            if step.action is not None
        ]

    def _step(self, index: int, step: StepSpec, edges: Sequence[EdgeSpec], repeats: bool) -> Step:
        where = f"spec.steps[{index}]"
        return Step(
            name=step.name,
            index=index,
            kind=step.action_kind or "worker",
            action=step.action or "",
            parameters=self._parameters(step, f"{where}.parameters"),
            store=step.store,
            edges=tuple(self._edge(step, edge, f"{where}.next[{number}]") for number, edge in enumerate(edges)),
            first_only=step.edge_matching_strategy == "first",
            repeats=repeats,
        )

    def _parameters(self, step: StepSpec, where: str) -> Template:
        template = parse_template(step.parameters or {}, where)
        if not isinstance(template, Template):
            self._problems += [Problem(one.field, one.sentence, step.name) for one in template]
            return NO_PARAMETERS
        for location, expression in template.expressions:
            self._check_names(step, expression, at(where, location))
        return template

    def _edge(self, step: StepSpec, edge: EdgeSpec, where: str) -> Edge:
        return Edge(edge.step, edge.branch, self._condition(step, edge.condition, f"{where}.condition"))

    def _condition(self, step: StepSpec, text: str | None, where: str) -> Expression | None:
        if text is None:
            return None
        try:
            expression = compile_expression(unwrapped(text.strip()).strip())
        except InvalidExpression as error:
            self._problems.append(Problem(where, str(error), step.name))
            return None
        self._check_names(step, expression, where)
        return expression

    def _check_names(self, step: StepSpec, expression: Expression, where: str) -> None:
        self._problems += [Problem(where, sentence, step.name) for sentence in self._names.unknown(expression)]
