"""What can be wrong with a spec beyond its shape: every problem, each with its step and its path."""

import re
from collections.abc import Callable, Iterable, Iterator

from services.engine.domain.graph import reachable
from services.engine.domain.inputs import TYPES, has_type, json_type
from services.engine.domain.ordering import edges_of, start_of
from services.engine.domain.problems import Problem
from services.engine.domain.spec import OF_ACTIONS, SHAPES, StepSpec, WorkflowSpec

MAIN = "main"
"""The path that every run begins on."""

STEP_NAME = re.compile(r"[A-Za-z0-9_](?:[A-Za-z0-9_ .:-]*[A-Za-z0-9_])?")
BRANCH_NAME = re.compile(r"[A-Za-z0-9_-]+")
VARIABLE_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
INPUT_NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_-]*")

_NOT_YET = ("each", "retry", "catch")


def checked(spec: WorkflowSpec) -> list[Problem]:
    """Everything that is wrong with the spec in itself, expressions aside."""
    rules: tuple[Callable[[WorkflowSpec], Iterator[Problem]], ...] = (
        _shapes,
        _step_names,
        _start,
        _edges,
        _inputs,
        _outputs,
        _state_names,
    )
    problems = [problem for rule in rules for problem in rule(spec)]
    return problems or list(_unreachable(spec))


def variables_of(spec: WorkflowSpec) -> set[str]:
    """The names that `state.` can have in this workflow."""
    return {*spec.state, *(step.store for step in spec.steps if step.store)}


def branches_of(spec: WorkflowSpec) -> set[str]:
    """The paths whose names are known before a run: `main` and the named branches."""
    return {MAIN, *(edge.branch for step in spec.steps for edge in step.next or [] if edge.branch)}


def _shapes(spec: WorkflowSpec) -> Iterator[Problem]:
    for index, step in enumerate(spec.steps):
        yield from _shape(f"spec.steps[{index}]", step)


def _shape(where: str, step: StepSpec) -> Iterator[Problem]:
    if len(step.shapes) != 1:
        got = " and ".join(step.shapes) or "none of them"
        yield Problem(where, f"expected exactly one of {', '.join(SHAPES)}, but the step has {got}", step.name)
        return
    shape = step.shapes[0]
    if shape != "action":
        sentence = f"expected action steps only, but this version does not run {shape} steps yet"
        yield Problem(f"{where}.{shape}", sentence, step.name)
        for field in OF_ACTIONS:
            if getattr(step, field) is not None:
                yield Problem(
                    f"{where}.{field}", f"expected {field} on action steps only, but this is a {shape}", step.name
                )
    for field in _NOT_YET:
        if getattr(step, field):
            sentence = f"expected steps without {field}, but this version does not run {field} yet"
            yield Problem(f"{where}.{field}", sentence, step.name)


def _step_names(spec: WorkflowSpec) -> Iterator[Problem]:
    first: dict[str, int] = {}
    for index, step in enumerate(spec.steps):
        where = f"spec.steps[{index}].name"
        if not STEP_NAME.fullmatch(step.name):
            yield Problem(where, _not_a_name(step.name, "letters, digits, spaces and _ . : -"), step.name)
        if first.setdefault(step.name, index) != index:
            sentence = f"expected a name of its own, but steps[{first[step.name]}] is called {step.name!r} too"
            yield Problem(where, sentence, step.name)


def _start(spec: WorkflowSpec) -> Iterator[Problem]:
    if start_of(spec) not in {step.name for step in spec.steps}:
        yield Problem("spec.start_at", f"expected the name of a step, but there is no step {spec.start_at!r}")


def _edges(spec: WorkflowSpec) -> Iterator[Problem]:
    names = {step.name for step in spec.steps}
    for index, step in enumerate(spec.steps):
        for number, edge in enumerate(step.next or []):
            where = f"spec.steps[{index}].next[{number}]"
            if edge.step not in names:
                yield Problem(
                    f"{where}.step", f"expected the name of a step, but there is no step {edge.step!r}", step.name
                )
            if edge.branch is not None and not BRANCH_NAME.fullmatch(edge.branch):
                yield Problem(f"{where}.branch", _not_a_name(edge.branch, "letters, digits and _ -"), step.name)
            if edge.branch == MAIN:
                yield Problem(
                    f"{where}.branch", f"expected a new path, but {MAIN!r} is where the run begins", step.name
                )


def _inputs(spec: WorkflowSpec) -> Iterator[Problem]:
    yield from _duplicates("spec.inputs", [one.name for one in spec.inputs])
    for index, one in enumerate(spec.inputs):
        where = f"spec.inputs[{index}]"
        if not INPUT_NAME.fullmatch(one.name):
            yield Problem(f"{where}.name", _not_a_name(one.name, "a letter or _, then letters, digits and _ -"))
        if one.type not in TYPES:
            yield Problem(f"{where}.type", f"expected one of {', '.join(TYPES)}, but got {one.type!r}")
        elif one.default is not None and not has_type(one.default, one.type):
            yield Problem(f"{where}.default", f"expected {one.type}, but got {json_type(one.default)}")


def _outputs(spec: WorkflowSpec) -> Iterator[Problem]:
    yield from _duplicates("spec.outputs", [one.name for one in spec.outputs])
    variables, branches = variables_of(spec), branches_of(spec)
    for index, one in enumerate(spec.outputs):
        where = f"spec.outputs[{index}]"
        if one.variable not in variables:
            sentence = f"expected a variable of the state, but no step stores {one.variable!r} and the state has none"
            yield Problem(f"{where}.variable", sentence)
        if one.branch is not None and one.branch not in branches:
            yield Problem(f"{where}.branch", f"expected a branch of this workflow, but no edge starts {one.branch!r}")


def _state_names(spec: WorkflowSpec) -> Iterator[Problem]:
    for name in spec.state:
        if not VARIABLE_NAME.fullmatch(name):
            yield Problem(f"spec.state.{name}", _not_a_name(name, "a letter or _, then letters, digits and _"))
    for index, step in enumerate(spec.steps):
        if step.store is not None and not VARIABLE_NAME.fullmatch(step.store):
            sentence = _not_a_name(step.store, "a letter or _, then letters, digits and _")
            yield Problem(f"spec.steps[{index}].store", sentence, step.name)


def _unreachable(spec: WorkflowSpec) -> Iterator[Problem]:
    edges = {name: [edge.step for edge in outbound] for name, outbound in edges_of(spec).items()}
    reached = reachable(start_of(spec), edges)
    for index, step in enumerate(spec.steps):
        if step.name not in reached:
            sentence = f"expected a way from {start_of(spec)!r} to every step, but none leads to {step.name!r}"
            yield Problem(f"spec.steps[{index}]", sentence, step.name)


def _duplicates(where: str, names: Iterable[str]) -> Iterator[Problem]:
    seen: set[str] = set()
    for index, name in enumerate(names):
        if name in seen:
            yield Problem(f"{where}[{index}].name", f"expected a name of its own, but {name!r} is taken")
        seen.add(name)


def _not_a_name(name: str, allowed: str) -> str:
    return f"expected {allowed}, but got {name!r}"
