"""From a command to what would be committed: the events in their places, and the run after them."""

from collections.abc import Sequence
from dataclasses import dataclass

from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context, Entry, entries
from services.engine.domain.commands import RunCommand
from services.engine.domain.decide import Ignored, draft
from services.engine.domain.draft import Draft
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
) -> Change | Ignored | Rejected:
    """What the command changes; `Ignored` says why it changes nothing."""
    drafted = draft(state, command, context.now, actions.catalog(context.project))
    if not isinstance(drafted, Draft):
        return drafted
    appended = entries(context, run_id, state.version if state else 0, run_id, drafted.said)
    return Change(drafted.state, appended)
