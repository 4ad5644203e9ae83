"""From a command to what would be committed: decide, place the events in the run's stream, fold them in."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context, Entry, entries
from libs.contracts.payload import Payload
from services.engine.domain.commands import RunCommand
from services.engine.domain.decide import decide
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState
from services.engine.store.actions import ActionBook

SERVICE = "engine"


@dataclass(frozen=True, slots=True)
class Change:
    """Events that follow each other in one run's stream, and the run after them."""

    state: RunState
    entries: Sequence[Entry]


def change(
    state: RunState | None, run_id: str, command: RunCommand, context: Context, actions: ActionBook
) -> Change | Rejected | None:
    """What the command changes; None for nothing."""
    decision = decide(state, command, context.now, actions.catalog(context.project))
    if isinstance(decision, Rejected):
        return decision
    return placed(state, run_id, decision, context) if decision else None


def placed(state: RunState | None, run_id: str, payloads: Sequence[Payload], context: Context) -> Change:
    """The payloads behind the last event of the run."""
    appended = entries(context, run_id, state.version if state else 0, run_id, payloads)
    for entry in appended:
        state = evolve(state, entry.event)
    assert state is not None, "expected at least one event"
    return Change(state, appended)
