"""Hears the engine: workflows as they are saved, runs as they begin and end, steps as they go."""

from libs.chassis.bus.batch import Heard
from libs.contracts.events.engine import (
    RunCompleted,
    RunFailed,
    RunStarted,
    StepCompleted,
    StepFailed,
    StepProgressed,
    StepScheduled,
    StepStarted,
    WorkflowCreated,
    WorkflowUpdated,
)
from services.audit.domain.attempts import Attempt, completed, failed, scheduled, started
from services.audit.domain.projection import Projection

OfStep = StepScheduled | StepStarted | StepProgressed | StepCompleted | StepFailed


def hear_engine(item: Heard, into: Projection) -> None:
    """Adds what an event of `mobius.engine-events.v1` says."""
    event, said = item.event, item.event.data
    path: str | None = None
    step: str | None = None
    match said:
        case StepScheduled() | StepCompleted() | StepStarted() | StepFailed() | StepProgressed():
            path, step = said.path, said.step
            attempt = _attempt(item, said)
            if attempt is not None:
                into.attempt(attempt)
        case RunStarted():
            into.begin(event, said)
        case RunCompleted() | RunFailed():
            into.end(event, said)
        case WorkflowCreated() | WorkflowUpdated():
            return into.save(event, said)
        case _:
            return None
    return into.tell(event.subject, event, item.record.value or b"", path, step)


def _attempt(item: Heard, said: OfStep) -> Attempt | None:
    run_id, at = item.event.subject, item.event.time
    match said:
        case StepScheduled():
            return scheduled(run_id, said, at)
        case StepCompleted():
            return completed(run_id, said, at)
        case StepStarted():
            return started(run_id, said, at)
        case StepFailed():
            return failed(run_id, said, at, item.event.id)
    return None
