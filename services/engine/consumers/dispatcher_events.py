"""Hears the dispatcher: what became of jobs and invocations moves the runs that wait for them."""

from collections.abc import Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from libs.chassis.bus.batch import NO_EFFECTS, Effects, Heard
from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context, Entry
from libs.chassis.telemetry import tracing
from libs.contracts.envelope import Event
from libs.contracts.events.dispatcher import (
    InvocationCompleted,
    InvocationFailed,
    JobClaimed,
    JobCompleted,
    JobFailed,
    JobProgressed,
)
from libs.contracts.payload import Payload
from services.engine.domain.commands import RecordFailure, RecordProgress, RecordResult, RecordStart, RunCommand
from services.engine.domain.decide import Ignored
from services.engine.domain.run_state import RunState
from services.engine.store.actions import ActionBook
from services.engine.store.deciding import SERVICE, Change, change
from services.engine.store.run_rows import end_parts
from services.engine.store.runs import Runs
from services.engine.store.watchers import Watchers


class Asked(NamedTuple):
    """What an event of the dispatcher asks of a run."""

    event: Event[Payload]
    run_id: str
    command: RunCommand


class Decided(NamedTuple):
    """`doubtful`: runs that seem not to wait for what was told. Either it was told before, or the state is behind."""

    changes: list[Change]
    doubtful: set[str]


class DispatcherEvents:
    """The handler of `mobius.dispatcher-events.v1`. Events of unknown or ended runs change nothing."""

    def __init__(self, runs: Runs, actions: ActionBook, watchers: Watchers, clock: Clock) -> None:
        self._runs = runs
        self._actions = actions
        self._watchers = watchers
        self._clock = clock

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        asked = [asking for item in heard if (asking := asked_by(item.event)) is not None]
        if not asked:
            return NO_EFFECTS
        before = await self._runs.states(asking.run_id for asking in asked)
        decided = await self._actions.decided(lambda: self._decide(asked, before))
        if decided.doubtful:
            before.update(await self._runs.fresh(decided.doubtful))
            decided = await self._actions.decided(lambda: self._decide(asked, before))
        return self._effects(decided.changes)

    def _decide(self, asked: Sequence[Asked], before: Mapping[str, RunState]) -> Decided:
        """In order; what comes later of the same run sees what went before."""
        now = self._clock.now()
        states = dict(before)
        decided = Decided([], set())
        for asking in asked:
            state = states.get(asking.run_id)
            if state is None or state.is_over:
                continue
            made = self._change(state, asking, now)
            if isinstance(made, Ignored):
                decided.doubtful.add(asking.run_id)
            else:
                states[asking.run_id] = made.state
                decided.changes.append(made)
        return decided

    def _change(self, state: RunState, asking: Asked, now: datetime) -> Change | Ignored:
        event = asking.event
        with tracing.span(f"hear {event.type}", event.traceparent, "consumer") as span:
            context = Context(
                service=SERVICE,
                project=state.facts.project,
                now=now,
                actor=event.actor,
                causation=event.id,
                correlation=asking.run_id,
                traceparent=span.traceparent,
            )
            made = change(state, asking.run_id, asking.command, context, self._actions)
        assert not isinstance(made, Rejected), f"expected no refusal of {event.id}, but {made}"
        return made

    def _effects(self, changes: Sequence[Change]) -> Effects:
        after = {made.state.facts.run_id: made.state for made in changes}
        appended = [entry for made in changes for entry in made.entries]
        return Effects(
            parts=end_parts(list(after.values())),
            entries=appended,
            committed=lambda: self._committed(list(after.values()), appended),
            conflicted=lambda: self._runs.drop(after),
        )

    def _committed(self, states: Sequence[RunState], appended: Sequence[Entry]) -> None:
        self._runs.keep(states, appended)
        self._watchers.tell(appended)


def asked_by(event: Event[Payload]) -> Asked | None:
    """None for what the engine does not need: closed, expired and late jobs are the dispatcher's own affair."""
    data = event.data
    match data:
        case JobCompleted() | InvocationCompleted():
            return Asked(event, data.run_id, RecordResult(data.invocation_id, data.result, data.claimed_at))
        case JobFailed() | InvocationFailed():
            return Asked(event, data.run_id, _failure(data))
        case JobClaimed():
            return Asked(event, data.run_id, RecordStart(data.invocation_id, data.claimed_by, data.claimed_at))
        case JobProgressed():
            return Asked(event, data.run_id, RecordProgress(data.invocation_id, data.name, data.payload))
    return None


def _failure(data: JobFailed | InvocationFailed) -> RecordFailure:
    return RecordFailure(
        data.invocation_id, data.error_type, data.error_message, data.details, claimed_at=data.claimed_at
    )
