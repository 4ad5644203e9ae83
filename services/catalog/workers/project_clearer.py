"""The project clearer: takes away the actions and the connections of projects that were deleted, and with them signing
secrets and credentials.

Nobody reaches them any more from the moment of the deletion on; this is so that no secret outlives its project, but in
the journal and, until it is compacted, on the topic: sealed, as it was said.
"""

from libs.chassis.clock import Clock
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context
from libs.chassis.telemetry.logging import get_logger
from services.catalog.domain.action_changes import DeleteAction
from services.catalog.store.actions import QUERIES, Actions
from services.catalog.store.commits import Commits
from services.catalog.store.integrations import Integrations

MOST_AT_ONCE = 50

log = get_logger(__name__)


class ProjectClearer:
    """One step of the loop; answers whether there may be more."""

    def __init__(
        self, reads: Reads, actions: Actions, integrations: Integrations, commits: Commits, clock: Clock
    ) -> None:
        self._reads = reads
        self._actions = actions
        self._integrations = integrations
        self._commits = commits
        self._clock = clock

    async def step(self) -> bool:
        actions = await self._reads.rows(QUERIES["list_actions_of_deleted_projects"], MOST_AT_ONCE)
        for row in actions:
            await self._delete(row["project"], row["name"])
        connections = await self._reads.rows(QUERIES["list_connections_of_deleted_projects"], MOST_AT_ONCE)
        for row in connections:
            await self._disconnect(row["project"], row["integration"])
        return MOST_AT_ONCE in (len(actions), len(connections))

    async def _delete(self, project: str, name: str) -> None:
        context = self._context(project)
        gone = await self._commits.settle(lambda: self._actions.propose_delete(name, DeleteAction(), context))
        cleared = not isinstance(gone, Rejected)
        log.info("action_of_deleted_project_cleared", project=project, action=name, cleared=cleared)

    async def _disconnect(self, project: str, integration: str) -> None:
        gone = await self._integrations.disconnect(integration, self._context(project))
        cleared = not isinstance(gone, Rejected)
        log.info("connection_of_deleted_project_cleared", project=project, integration=integration, cleared=cleared)

    def _context(self, project: str) -> Context:
        return Context(service="catalog", project=project, now=self._clock.now(), actor="mobius")
