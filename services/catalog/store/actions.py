"""The actions of projects: registered, found, listed."""

from collections.abc import Sequence

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected, fold
from libs.chassis.journal.entry import Context, entries
from services.catalog.domain.actions import (
    Action,
    CreateAction,
    action_key,
    announcement,
    decide,
    evolve,
    state_stream,
)
from services.catalog.store.action_rows import action_of, insert_part
from services.catalog.store.commits import Commits, Proposal

QUERIES = load_queries(__package__)


class Actions:
    """Commands go through `commits`, queries through `reads`. All raise `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, commits: Commits) -> None:
        self._reads = reads
        self._commits = commits

    async def create(self, command: CreateAction, context: Context) -> Action | Rejected:
        """Registers an action in the context's project; known to every service when this returns."""
        return await self._commits.settle(lambda: self._propose(command, context))

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

    async def _propose(self, command: CreateAction, context: Context) -> Proposal[Action] | Rejected:
        events = decide(await self.get(context.project, command.name), command, context.now)
        if isinstance(events, Rejected):
            return events
        key = action_key(context.project, command.name)
        said = entries(context, command.action_id, 0, key, events)
        action = fold(evolve, None, [entry.event for entry in said])
        assert action is not None, "expected action.created to make an action"
        stream = state_stream(context.project, command.name)
        state = announcement(action, [command.secret])
        announced = entries(context, stream, await self._commits.last_sequence(stream), key, [state])
        return Proposal([*said, *announced], [insert_part(action, QUERIES["insert_action"])], action)
