"""How each event changes a run. Nothing is decided and no expression is evaluated here: the events say it all."""

from collections.abc import Iterable

from immutables import Map

from libs.contracts.codec import Json
from libs.contracts.envelope import Event, format_time
from libs.contracts.events.engine import (
    Follow,
    PathError,
    RunCompleted,
    RunFailed,
    RunStarted,
    StepCompleted,
    StepFailed,
    StepScheduled,
    StepStarted,
)
from libs.contracts.payload import Payload
from services.engine.domain.checks import MAIN
from services.engine.domain.definition import Definition, compile_spec
from services.engine.domain.run_state import Ending, OpenStep, PathCounts, PathState, RunFacts, RunState, StepCounts
from services.engine.domain.states import PATH, RUN, STEP, PathHappening, PathStatus, StepHappening, StepStatus


def evolve(state: RunState | None, event: Event[Payload]) -> RunState:
    """The run after one event of its stream, which begins with RunStarted. An event without a meaning for the state
    changes the version only."""
    said = event.data
    if isinstance(said, RunStarted):
        return _run_started(said, event)
    assert state is not None, f"expected run.started first, but {event.id} is {event.type}"
    state = state._replace(version=event.sequence, updated_at=event.time)
    match said:
        case RunCompleted():
            return _run_completed(state, said)
        case RunFailed():
            return _run_failed(state, said)
    return _of_step(state, said)


def _of_step(state: RunState, said: Payload) -> RunState:
    match said:
        case StepScheduled():
            return _step_scheduled(state, said)
        case StepStarted():
            return _step_started(state, said)
        case StepCompleted():
            return _step_completed(state, said)
        case StepFailed():
            return _step_failed(state, said)
    return state


def _run_started(said: RunStarted, event: Event[Payload]) -> RunState:
    definition = compile_spec(said.spec)
    assert isinstance(definition, Definition), f"expected a spec that was checked, but got {definition[0]}"
    path = PathState(MAIN, PATH[None, "begin"], definition.state, definition.start)
    return RunState(
        facts=_facts(said, event, definition),
        status=RUN[None, "start"],
        version=event.sequence,
        updated_at=event.time,
        paths=Map({MAIN: path}),
        open=Map(),
        attempts=Map(),
        scheduled=0,
        steps=StepCounts(),
        path_counts=PathCounts(working=1),
    )


def _facts(said: RunStarted, event: Event[Payload], definition: Definition) -> RunFacts:
    return RunFacts(
        run_id=event.subject,
        project=event.project,
        workflow_name=said.workflow_name,
        definition_id=said.definition_id,
        definition_version=said.definition_version,
        spec=said.spec,
        definition=definition,
        queue=said.queue,
        inputs=said.inputs,
        metadata=said.metadata,
        tags=said.tags,
        external_id=said.external_id,
        source_type=said.source_type,
        source_id=said.source_id,
        started_at=event.time,
        variables={
            "id": event.subject,
            "project": event.project,
            "workflow": said.workflow_name,
            "started_at": format_time(event.time),
        },
        dry_run=bool(said.dry_run),
    )


def _step_scheduled(state: RunState, said: StepScheduled) -> RunState:
    status, steps = _step(state.steps, None, "schedule")
    step = OpenStep(said.path, said.step, said.attempt, said.invocation_id, said.kind, status)
    return state._replace(
        open=state.open.set(said.invocation_id, step),
        attempts=_attempted(state, said.path, said.step, said.attempt),
        scheduled=state.scheduled + 1,
        steps=steps,
    )


def _step_started(state: RunState, said: StepStarted) -> RunState:
    step = state.open[said.invocation_id]
    status, steps = _step(state.steps, step.status, "start")
    return state._replace(open=state.open.set(said.invocation_id, step._replace(status=status)), steps=steps)


def _step_completed(state: RunState, said: StepCompleted) -> RunState:
    _, steps = _step(state.steps, state.open[said.invocation_id].status, "complete")
    path = state.paths[said.path]
    variables = path.variables if said.store is None else path.variables.set(said.store, said.result)
    here = next((follow.step for follow in said.follow if follow.path == said.path), None)
    status, counts = _path(state.path_counts, path.status, "end" if here is None else "move")
    paths = state.paths.set(said.path, path._replace(status=status, variables=variables, step=here))
    for follow in said.follow:
        if follow.path != said.path:
            paths = _with_new_path(paths, follow, variables)
            _, counts = _path(counts, None, "begin")
    return state._replace(open=state.open.delete(said.invocation_id), steps=steps, paths=paths, path_counts=counts)


def _with_new_path(paths: Map[str, PathState], follow: Follow, variables: Map[str, Json]) -> Map[str, PathState]:
    """The paths with one more, which is counted where its name is `<path>/<n>`."""
    base, _, number = follow.path.rpartition("/")
    if base in paths:
        paths = paths.set(base, paths[base]._replace(children=int(number)))
    return paths.set(follow.path, PathState(follow.path, PATH[None, "begin"], variables, follow.step))


def _step_failed(state: RunState, said: StepFailed) -> RunState:
    before = state.open[said.invocation_id].status if said.invocation_id else None
    _, steps = _step(state.steps, before, "fail")
    path = state.paths[said.path]
    status, counts = _path(state.path_counts, path.status, "fail")
    error = PathError(path=said.path, step=said.step, error_type=said.error_type, error_message=said.error_message)
    return state._replace(
        open=state.open.delete(said.invocation_id) if said.invocation_id else state.open,
        attempts=_attempted(state, said.path, said.step, said.attempt),
        scheduled=state.scheduled if said.invocation_id else state.scheduled + 1,
        steps=steps,
        paths=state.paths.set(said.path, path._replace(status=status, error=error)),
        path_counts=counts,
    )


def _run_completed(state: RunState, said: RunCompleted) -> RunState:
    return state._replace(status=RUN[state.status, "complete"], ending=Ending(state.updated_at, outputs=said.outputs))


def _run_failed(state: RunState, said: RunFailed) -> RunState:
    """What was open is closed with the run, and the paths that were under way have failed with it."""
    paths, counts = _stopped(state.paths, state.path_counts)
    return state._replace(
        status=RUN[state.status, "fail"],
        open=_without(state.open, said.closed),
        steps=_closed(state.steps, [state.open[invocation].status for invocation in said.closed]),
        paths=paths,
        path_counts=counts,
        ending=Ending(
            state.updated_at,
            error_type=said.error_type,
            error_message=said.error_message,
            errors=tuple(said.errors),
        ),
    )


def _stopped(paths: Map[str, PathState], counts: PathCounts) -> tuple[Map[str, PathState], PathCounts]:
    with paths.mutate() as stopped:
        for name, path in paths.items():
            if (path.status, "fail") in PATH:
                status, counts = _path(counts, path.status, "fail")
                stopped[name] = path._replace(status=status, waiting_on=None)
        ended = stopped.finish()
    return ended, counts


def _without(open_steps: Map[str, OpenStep], closed: Iterable[str]) -> Map[str, OpenStep]:
    with open_steps.mutate() as left:
        for invocation in closed:
            del left[invocation]
        remaining = left.finish()
    return remaining


def _closed(steps: StepCounts, statuses: Iterable[StepStatus]) -> StepCounts:
    for status in statuses:
        _, steps = _step(steps, status, "close")
    return steps


def _attempted(state: RunState, path: str, step: str, attempt: int) -> Map[tuple[str, str], int]:
    repeats = state.facts.definition.steps[step].repeats
    return state.attempts.set((path, step), attempt) if repeats else state.attempts


def _step(counts: StepCounts, before: StepStatus | None, happening: StepHappening) -> tuple[StepStatus, StepCounts]:
    after = STEP[before, happening]
    changes = {after: getattr(counts, after) + 1}
    if before is not None:
        changes[before] = getattr(counts, before) - 1
    return after, counts._replace(**changes)


def _path(counts: PathCounts, before: PathStatus | None, happening: PathHappening) -> tuple[PathStatus, PathCounts]:
    after = PATH[before, happening]
    if after == before:
        return after, counts
    changes = {after: getattr(counts, after) + 1}
    if before is not None:
        changes[before] = getattr(counts, before) - 1
    return after, counts._replace(**changes)
