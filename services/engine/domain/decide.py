"""What happens to a run, if this command meets this state now."""

from datetime import datetime
from typing import Literal, TypeAlias

from libs.chassis.decider import Rejected
from libs.contracts.events.engine import StepCompleted, StepFailed, StepProgressed, StepScheduled, StepStarted
from libs.contracts.payload import Payload
from services.engine.domain import ending
from services.engine.domain.actions import Catalog
from services.engine.domain.checks import MAIN
from services.engine.domain.commands import (
    CancelRun,
    RecordFailure,
    RecordProgress,
    RecordResult,
    RecordStart,
    RunCommand,
    StartRun,
)
from services.engine.domain.draft import Draft
from services.engine.domain.faults import Fault
from services.engine.domain.following import followed
from services.engine.domain.limits import NAME_CHARACTERS, SIMULATED_AT_ONCE
from services.engine.domain.problems import shortened
from services.engine.domain.run_state import OpenStep, RunState
from services.engine.domain.scheduling import next_attempt, scheduled
from services.engine.domain.scope import scope_of
from services.engine.domain.starting import run_started
from services.engine.domain.states import STEP

IgnoredReason: TypeAlias = Literal["unknown_run", "run_ended", "not_open", "already_started"]


class Ignored(list[Payload]):
    """No events, and why: the command came late, twice, or for something that never was."""

    def __init__(self, reason: IgnoredReason) -> None:
        super().__init__()
        self.reason: IgnoredReason = reason


Decision: TypeAlias = list[Payload] | Rejected


def decide(state: RunState | None, command: RunCommand, now: datetime, catalog: Catalog) -> Decision:
    """The events that follow, in order; `Ignored` (an empty list) or Rejected. The catalog is the project's."""
    drafted = draft(state, command, now, catalog)
    return drafted.said if isinstance(drafted, Draft) else drafted


def draft(state: RunState | None, command: RunCommand, now: datetime, catalog: Catalog) -> Draft | Ignored | Rejected:
    """As `decide`, together with the run after the events: much of them was folded for deciding already."""
    if isinstance(command, StartRun):
        return _start(state, command, now, catalog)
    if state is None:
        return _without_a_run(command)
    if state.is_over:
        return Ignored("run_ended")
    drafted = Draft(state, now)
    if isinstance(command, CancelRun):
        drafted.say(ending.cancelled(state, command.reason))
        return drafted
    step = state.open.get(command.invocation_id)
    return Ignored("not_open") if step is None else _of_step(drafted, step, command, catalog)


def _start(state: RunState | None, command: StartRun, now: datetime, catalog: Catalog) -> Draft | Rejected:
    if state is not None:
        return Rejected("already_exists", f"expected a new run, but {command.run_id} has begun")
    said = run_started(command, catalog)
    if isinstance(said, Rejected):
        return said
    drafted = Draft.of_start(command.run_id, command.project, said, now)
    _schedule(drafted, MAIN, drafted.state.facts.definition.start, catalog)
    return drafted


def _without_a_run(command: RunCommand) -> Ignored | Rejected:
    if isinstance(command, CancelRun):
        return Rejected("not_found", "expected a run, but there is none with this id")
    return Ignored("unknown_run")


def _of_step(
    draft: Draft, step: OpenStep, command: RecordStart | RecordProgress | RecordResult | RecordFailure, catalog: Catalog
) -> Draft | Ignored:
    match command:
        case RecordResult():
            _complete(draft, step, command, catalog)
        case RecordFailure():
            _fail(draft, _failure(step, command))
        case RecordProgress():
            draft.say(_progress(step, command))
        case RecordStart() if (step.status, "start") in STEP:
            draft.say(_started(step, command))
        case RecordStart():
            return Ignored("already_started")
    return draft


def _complete(draft: Draft, open_step: OpenStep, command: RecordResult, catalog: Catalog) -> None:
    facts = draft.state.facts
    step = facts.definition.steps[open_step.step]
    variables = draft.state.paths[open_step.path].variables
    if step.store is not None:
        variables = variables.set(step.store, command.result)
    try:
        follow = followed(step, open_step.path, draft.state.paths, scope_of(facts.variables, facts.inputs, variables))
    except Fault as fault:
        _fail(draft, _failure(open_step, _as_failure(fault, command)))
        return
    draft.say(
        StepCompleted(
            path=open_step.path,
            step=open_step.step,
            attempt=open_step.attempt,
            invocation_id=open_step.invocation_id,
            result=command.result,
            store=step.store,
            claimed_at=command.claimed_at,
            follow=follow,
        )
    )
    for edge in follow:
        if not _schedule(draft, edge.path, edge.step, catalog):
            return
    if not follow and draft.state.path_counts.active == 0:
        draft.say(ending.completed(draft.state))


def _schedule(draft: Draft, path: str, step: str, catalog: Catalog) -> bool:
    """Whether the run goes on; otherwise it has ended, for example because the step could not be scheduled."""
    try:
        said = scheduled(draft.state, path, draft.state.facts.definition.steps[step], catalog)
        _allow(draft, said)
    except Fault as fault:
        _fail(
            draft,
            StepFailed(
                path=path,
                step=step,
                attempt=next_attempt(draft.state, path, step),
                error_type=fault.error_type,
                error_message=fault.sentence,
                details=fault.details,
            ),
        )
        return False
    draft.say(said)
    return _simulated(draft, said.invocation_id, catalog) if said.simulated else True


def _allow(draft: Draft, said: StepScheduled) -> None:
    """Simulated steps follow one another within one decision, and a loop would never let it end. Raises Fault."""
    if not said.simulated:
        return
    if sum(isinstance(one, StepScheduled) for one in draft.said) >= SIMULATED_AT_ONCE:
        sentence = f"expected at most {SIMULATED_AT_ONCE} simulated steps one after the other, but the dry run goes on"
        raise Fault("fatal_error", sentence)


def _simulated(draft: Draft, invocation_id: str, catalog: Catalog) -> bool:
    """As `_schedule`: a step that nobody carries out has the result null at once."""
    _complete(draft, draft.state.open[invocation_id], RecordResult(invocation_id, None), catalog)
    return not draft.state.is_over


def _fail(draft: Draft, failure: StepFailed) -> None:
    draft.say(failure)
    draft.say(ending.failed_by(draft.state, failure))


def _failure(step: OpenStep, command: RecordFailure) -> StepFailed:
    return StepFailed(
        path=step.path,
        step=step.step,
        attempt=step.attempt,
        invocation_id=step.invocation_id,
        error_type=command.error_type[:NAME_CHARACTERS],
        error_message=shortened(command.error_message),
        details=command.details,
        claimed_at=command.claimed_at,
    )


def _as_failure(fault: Fault, command: RecordResult) -> RecordFailure:
    return RecordFailure(
        command.invocation_id, fault.error_type, fault.sentence, fault.details, claimed_at=command.claimed_at
    )


def _progress(step: OpenStep, command: RecordProgress) -> StepProgressed:
    return StepProgressed(
        path=step.path,
        step=step.step,
        invocation_id=step.invocation_id,
        name=command.name,
        payload=command.payload,
    )


def _started(step: OpenStep, command: RecordStart) -> StepStarted:
    return StepStarted(
        path=step.path,
        step=step.step,
        invocation_id=step.invocation_id,
        claimed_by=command.claimed_by,
        claimed_at=command.claimed_at,
    )
