"""The project clearer: takes away the actions of projects that were deleted, and with them their signing secrets.

Nobody reaches them any more from the moment of the deletion on; this is so that no secret outlives its project.
"""

from libs.chassis.clock import Clock
from libs.chassis.db.reads import Reads
from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context
from libs.chassis.telemetry.logging import get_logger
from services.catalog.domain.action_changes import DeleteAction
from services.catalog.store.actions import QUERIES, Actions
from services.catalog.store.commits import Commits

MOST_AT_ONCE = 50

log = get_logger(__name__)


class ProjectClearer:
    """One step of the loop; answers whether there may be more."""

    def __init__(self, reads: Reads, actions: Actions, commits: Commits, clock: Clock) -> None:
        self._reads = reads
        self._actions = actions
        self._commits = commits
        self._clock = clock

    async def step(self) -> bool:
        left = await self._reads.rows(QUERIES["list_actions_of_deleted_projects"], MOST_AT_ONCE)
        for row in left:
            await self._delete(row["project"], row["name"])
        return len(left) == MOST_AT_ONCE

    async def _delete(self, project: str, name: str) -> None:
        context = Context(service="catalog", project=project, now=self._clock.now(), actor="mobius")
        gone = await self._commits.settle(lambda: self._actions.propose_delete(name, DeleteAction(), context))
        cleared = not isinstance(gone, Rejected)
        log.info("action_of_deleted_project_cleared", project=project, action=name, cleared=cleared)
