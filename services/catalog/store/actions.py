"""The actions of projects: found, listed, and what registering, changing and deleting one would commit."""

from collections.abc import Callable, Sequence

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, Entry, entries
from libs.contracts.events.catalog import ActionState
from libs.contracts.payload import Payload
from services.catalog.domain.action_changes import DeleteAction, UpdateAction, decide_delete, decide_update
from services.catalog.domain.actions import (
    Action,
    CreateAction,
    action_key,
    announcement,
    changed,
    decide,
    deleted,
    evolve,
    state_stream,
)
from services.catalog.domain.secrets import first_ring, said_secrets
from services.catalog.store.action_rows import action_of, delete_part, insert_part, update_part
from services.catalog.store.commits import Commits, Proposal
from services.catalog.store.secret_rows import ring_parts

QUERIES = load_queries(__package__)


class Actions:
    """Proposals are for `Commits.settle`. All raise `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, commits: Commits) -> None:
        self._reads = reads
        self._commits = commits

    async def get(self, project: str, name: str) -> Action | None:
        """The project's action of this name."""
        row = await self._reads.row(QUERIES["find_action"], project, name)
        return action_of(row) if row is not None else None

    async def page(self, project: str, before: str | None, most: int) -> list[Action]:
        """Newest first, those created before the action `before`."""
        return [action_of(row) for row in await self._reads.rows(QUERIES["page_actions"], project, before, most)]

    async def all(self, project: str) -> Sequence[Action]:
        """Every action of the project, by name."""
        return [action_of(row) for row in await self._reads.rows(QUERIES["list_actions"], project)]

    async def propose_create(self, command: CreateAction, context: Context) -> Proposal[Action] | Rejected:
        """A new action in the context's project."""
        events = decide(await self.get(context.project, command.name), command, context.now)
        if isinstance(events, Rejected):
            return events
        said = entries(context, command.action_id, 0, action_key(context.project, command.name), events)
        action = _after(None, said)
        assert action is not None, "expected action.created to make an action"
        ring = first_ring(command.secret.sealed, context.now)
        announced = await self._announced(action, context, lambda _: announcement(action, *said_secrets(ring)))
        parts = [insert_part(action, QUERIES["insert_action"]), *ring_parts(action.action_id, ring)]
        return Proposal([*said, *announced], parts, action)

    async def propose_update(self, name: str, command: UpdateAction, context: Context) -> Proposal[Action] | Rejected:
        """The action of this name as the command wants it."""
        before = await self.get(context.project, name)
        events = decide_update(before, command, context.now)
        if isinstance(events, Rejected):
            return events
        assert before is not None, "expected nothing to be refused"
        if not events:
            return Proposal([], [], before)
        last = await self._commits.last_sequence(before.action_id)
        said = entries(context, before.action_id, last, before.key, events)
        action = _after(before, said)
        assert action is not None, "expected action.updated to leave an action"
        announced = await self._announced(action, context, lambda last: changed(_begun(last), action))
        return Proposal([*said, *announced], [update_part(before, action, QUERIES["update_action"])], action)

    async def propose_delete(self, name: str, command: DeleteAction, context: Context) -> Proposal[Action] | Rejected:
        """The end of the action of this name; its secrets are announced no more."""
        action = await self.get(context.project, name)
        events = decide_delete(action, command, context.now)
        if isinstance(events, Rejected):
            return events
        assert action is not None, "expected nothing to be refused"
        last = await self._commits.last_sequence(action.action_id)
        said = entries(context, action.action_id, last, action.key, events)
        announced = await self._announced(action, context, lambda last: deleted(_begun(last)))
        return Proposal([*said, *announced], [delete_part(action, QUERIES["delete_action"])], action)

    async def _announced(
        self, action: Action, context: Context, state: Callable[[Payload | None], ActionState]
    ) -> list[Entry]:
        """The state that follows upon the last one of the action's name."""
        stream = state_stream(action.project, action.name)
        last = await self._commits.last_event(stream)
        after, said = (0, None) if last is None else (last.sequence, last.data)
        return entries(context, stream, after, action.key, [state(said)])


def _begun(last: Payload | None) -> ActionState:
    assert isinstance(last, ActionState), "expected an action to have been announced"
    return last


def _after(action: Action | None, said: Sequence[Entry]) -> Action | None:
    return fold(evolve, action, [entry.event for entry in said])
