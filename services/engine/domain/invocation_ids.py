"""The id of a step attempt's invocation: the same parts always give the same id, which makes repeats harmless."""

from libs.chassis.ids import derived_id
from libs.contracts.events.engine import StepKind

PREFIXES = {"worker": "job", "server": "inv"}


def invocation_id(kind: StepKind, run_id: str, path: str, step: str, attempt: int) -> str:
    """`job_…` for a worker step, `inv_…` for a server step."""
    return derived_id(PREFIXES[kind], run_id, path, step, str(attempt))


def step_id(run_id: str, path: str, step: str, attempt: int) -> str:
    """The id of the history row of a step attempt."""
    return derived_id("step", run_id, path, step, str(attempt))
