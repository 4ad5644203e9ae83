"""How a run ends: with its outputs, with the failure of a step, or because it was cancelled."""

from libs.contracts.codec import InvalidJson, JsonObject, dump_json
from libs.contracts.events.engine import PathError, RunCompleted, RunFailed, StepFailed
from services.engine.domain.checks import MAIN
from services.engine.domain.limits import PAYLOAD_BYTES
from services.engine.domain.problems import shortened
from services.engine.domain.run_state import RunState


def completed(state: RunState) -> RunCompleted | RunFailed:
    """The end of a run whose paths have all ended. Outputs larger than a payload fail it."""
    outputs = outputs_of(state)
    if (size := _size(outputs)) > PAYLOAD_BYTES:
        sentence = f"expected at most {PAYLOAD_BYTES} bytes of outputs, but they have {size}"
        return RunFailed(error_type="run_failed", error_message=sentence)
    return RunCompleted(outputs=outputs)


def outputs_of(state: RunState) -> JsonObject:
    """Every declared output: null where its path never began, or never had the variable."""
    outputs: JsonObject = {}
    for output in state.facts.definition.outputs:
        path = state.paths.get(output.branch or MAIN)
        outputs[output.name] = path.variables.get(output.variable) if path else None
    return outputs


def failed_by(state: RunState, failure: StepFailed) -> RunFailed:
    """The end of a run in which a step has failed for good; `state` is the run after that failure."""
    error = PathError(
        path=failure.path, step=failure.step, error_type=failure.error_type, error_message=failure.error_message
    )
    return RunFailed(
        error_type="step_failed",
        error_message=shortened(f"step {failure.step!r} failed with {failure.error_type}: {failure.error_message}"),
        errors=[error],
        closed=sorted(state.open),
    )


def cancelled(state: RunState, reason: str | None) -> RunFailed:
    """The end of a run that somebody has cancelled."""
    return RunFailed(
        error_type="run_cancelled", error_message=reason or "the run was cancelled", closed=sorted(state.open)
    )


def _size(outputs: JsonObject) -> int:
    try:
        return len(dump_json(outputs))
    except InvalidJson:
        return PAYLOAD_BYTES + 1
