"""The project clearer: takes away the actions and the connections of projects that were deleted, and with them signing
secrets and credentials; revokes their keys, and forgets what requests in them were answered.

Nobody reaches any of it from the moment of the deletion on; this is so that no secret outlives its project, and that a
key that opens nothing says so. Sealed in what was said before, a secret stays until that is trimmed and compacted.
"""

from libs.chassis.clock import Clock
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context
from libs.chassis.telemetry.logging import get_logger
from services.catalog.domain.action_changes import DeleteAction
from services.catalog.store.actions import QUERIES, Actions
from services.catalog.store.commits import Commits, Proposal
from services.catalog.store.integrations import Integrations
from services.catalog.store.kept_answers import forgotten
from services.catalog.store.keys import Keys

MOST_AT_ONCE = 50

log = get_logger(__name__)


class ProjectClearer:
    """One step of the loop; answers whether there may be more."""

    def __init__(
        self, reads: Reads, actions: Actions, integrations: Integrations, keys: Keys, commits: Commits, clock: Clock
    ) -> None:
        self._reads = reads
        self._actions = actions
        self._integrations = integrations
        self._keys = keys
        self._commits = commits
        self._clock = clock

    async def step(self) -> bool:
        keys = await self._reads.rows(QUERIES["list_keys_of_deleted_projects"], MOST_AT_ONCE)
        for row in keys:
            await self._revoke(row["project"], row["key_id"])
        actions = await self._reads.rows(QUERIES["list_actions_of_deleted_projects"], MOST_AT_ONCE)
        for row in actions:
            await self._delete(row["project"], row["name"])
        connections = await self._reads.rows(QUERIES["list_connections_of_deleted_projects"], MOST_AT_ONCE)
        for row in connections:
            await self._disconnect(row["project"], row["integration"])
        answered = await self._reads.rows(QUERIES["list_deleted_projects_with_answers"], MOST_AT_ONCE)
        for row in answered:
            await self._forget(row["project"])
        return MOST_AT_ONCE in (len(keys), len(actions), len(connections), len(answered))

    async def _revoke(self, project: str, key_id: str) -> None:
        gone = await self._keys.revoke(key_id, self._context(project))
        _note("key", project, gone, key_id=key_id)

    async def _delete(self, project: str, name: str) -> None:
        context = self._context(project)
        gone = await self._commits.settle(lambda: self._actions.propose_delete(name, DeleteAction(), context))
        _note("action", project, gone, action=name)

    async def _disconnect(self, project: str, integration: str) -> None:
        gone = await self._integrations.disconnect(integration, self._context(project))
        _note("connection", project, gone, integration=integration)

    async def _forget(self, project: str) -> None:
        async def propose() -> Proposal[None] | Rejected:
            return Proposal([], [forgotten(project)], None)

        gone = await self._commits.settle(propose)
        _note("answers", project, gone)

    def _context(self, project: str) -> Context:
        return Context(service="catalog", project=project, now=self._clock.now(), actor="mobius")


def _note(what: str, project: str, gone: object, **name: str) -> None:
    log.info(f"{what}_of_deleted_project_cleared", project=project, cleared=not isinstance(gone, Rejected), **name)
