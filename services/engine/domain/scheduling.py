"""What it takes to have a step executed: a known action, and parameters that its schema accepts."""

from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json
from libs.contracts.events.engine import StepScheduled
from services.engine.domain.actions import ActionContract, Catalog
from services.engine.domain.definition import Step
from services.engine.domain.expressions import ExpressionError
from services.engine.domain.faults import Fault
from services.engine.domain.invocation_ids import invocation_id
from services.engine.domain.limits import PAYLOAD_BYTES, STEPS_PER_RUN
from services.engine.domain.run_state import RunState
from services.engine.domain.scope import scope_of


def next_attempt(state: RunState, path: str, step: str) -> int:
    """Counts from 1; a path that comes to a step again goes on counting."""
    return state.attempts.get((path, step), 0) + 1


def scheduled(state: RunState, path: str, step: Step, catalog: Catalog) -> StepScheduled:
    """The step, ready to be executed. Raises Fault."""
    if state.scheduled >= STEPS_PER_RUN:
        raise Fault("fatal_error", f"expected at most {STEPS_PER_RUN} steps in a run, but it goes on")
    contract = catalog.get(step.action)
    if contract is None:
        raise Fault("unknown_action", f"expected an action of the catalog, but there is no {step.action!r}")
    parameters = _rendered(state, path, step)
    _check_size(parameters)
    _check_schema(contract, parameters)
    attempt = next_attempt(state, path, step.name)
    facts = state.facts
    return StepScheduled(
        run_id=facts.run_id,
        workflow_name=facts.workflow_name,
        path=path,
        step=step.name,
        attempt=attempt,
        kind=step.kind,
        action=step.action,
        invocation_id=invocation_id(step.kind, facts.run_id, path, step.name, attempt),
        queue=facts.queue,
        parameters=parameters,
        dry_run=facts.dry_run,
        simulated=(facts.dry_run and not contract.annotations.read_only) or None,
    )


def _rendered(state: RunState, path: str, step: Step) -> JsonObject:
    constant = step.parameters.constant
    if constant is not None:
        return constant
    try:
        return step.parameters.render(scope_of(state.facts.variables, state.facts.inputs, state.paths[path].variables))
    except ExpressionError as error:
        raise Fault("expression_error", str(error)) from None


def _check_size(parameters: JsonObject) -> None:
    try:
        size = len(dump_json(parameters))
    except InvalidJson as error:
        raise Fault("contract_violation", f"expected parameters that JSON can carry, but {error}") from None
    if size > PAYLOAD_BYTES:
        raise Fault("contract_violation", f"expected at most {PAYLOAD_BYTES} bytes of parameters, but got {size}")


def _check_schema(contract: ActionContract, parameters: JsonObject) -> None:
    violations = contract.input_gate.violations(parameters) if contract.input_gate else ()
    if not violations:
        return
    first = violations[0]
    errors: list[Json] = [{"pointer": one.pointer, "message": one.message} for one in violations]
    sentence = f"expected parameters that {contract.name} accepts, but at {first.pointer or '/'}: {first.message}"
    raise Fault("contract_violation", sentence, {"pointer": first.pointer, "errors": errors})
