"""What can be wrong with a definition in the light of the catalog: actions that are not there, parameters that a schema
refuses already because no expression is in them."""

from collections.abc import Iterator

from libs.contracts.codec import JsonObject
from services.engine.domain.actions import ActionContract, Catalog
from services.engine.domain.definition import Compiled, Definition, Step, compile_spec
from services.engine.domain.problems import Problem


def check_spec(spec: JsonObject, catalog: Catalog) -> Compiled:
    """What a definition that is to be saved must pass: the definition, or everything that is wrong with it."""
    definition = compile_spec(spec)
    if not isinstance(definition, Definition):
        return definition
    return tuple(catalog_problems(definition, catalog)) or definition


def catalog_problems(definition: Definition, catalog: Catalog) -> list[Problem]:
    """Every step that could not be executed as it stands."""
    return [problem for step in definition.steps.values() for problem in _of_step(step, catalog.get(step.action))]


def _of_step(step: Step, contract: ActionContract | None) -> Iterator[Problem]:
    where = f"spec.steps[{step.index}]"
    if contract is None:
        sentence = f"expected an action of the catalog, but there is no {step.action!r}"
        yield Problem(f"{where}.action", sentence, step.name)
        return
    if contract.owner == "platform" and step.kind == "worker":
        sentence = f"expected action_kind server, but {step.action!r} is a platform action and no worker executes it"
        yield Problem(f"{where}.action_kind", sentence, step.name)
    if contract.owner == "project" and step.kind == "server" and contract.endpoint_url is None:
        sentence = f"expected an action with an endpoint, but {step.action!r} has none"
        yield Problem(f"{where}.action_kind", sentence, step.name)
    yield from _constant_parameters(f"{where}.parameters", step, contract)


def _constant_parameters(where: str, step: Step, contract: ActionContract) -> Iterator[Problem]:
    constant = step.parameters.constant
    if constant is None or contract.input_gate is None:
        return
    for violation in contract.input_gate.violations(constant):
        field = where + violation.pointer.replace("/", ".")
        sentence = f"expected parameters that {step.action} accepts, but {violation.message}"
        yield Problem(field, sentence, step.name)
