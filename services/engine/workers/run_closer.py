"""The run closer: cancels what still runs in a project that was deleted. Nobody can look at it any more, or stop it."""

from collections.abc import Mapping

from libs.chassis.clock import Clock
from libs.chassis.journal.entry import Context
from libs.chassis.telemetry.logging import get_logger
from libs.contracts.events.catalog import ProjectState
from services.engine.domain.commands import CancelRun
from services.engine.domain.run_state import RunState
from services.engine.store.changes import Changes
from services.engine.store.deciding import SERVICE
from services.engine.store.runs import Runs

MOST_AT_ONCE = 50
LOOKS = 2
"""In vain, one interval apart, until a project is left alone: a start that was under way when it was deleted may have
been committed since."""

log = get_logger(__name__)


class RunCloser:
    """One step of the loop: some runs of each project that has any. `projects` is the replica of the catalog's."""

    def __init__(self, projects: Mapping[str, ProjectState], runs: Runs, changes: Changes, clock: Clock) -> None:
        self._projects = projects
        self._runs = runs
        self._changes = changes
        self._clock = clock
        self._looks: dict[str, int] = {}

    async def step(self) -> bool:
        full = False
        deleted = [handle for handle, state in self._projects.items() if state.deleted]
        for handle in deleted:
            if self._looks.get(handle, 0) < LOOKS:
                full |= await self._close(handle)
        return full

    async def _close(self, handle: str) -> bool:
        running = await self._runs.listed(handle, None, {"status": "active"}, MOST_AT_ONCE)
        for state in running:
            await self._cancel(state)
        self._looks[handle] = 0 if running else self._looks.get(handle, 0) + 1
        return len(running) == MOST_AT_ONCE

    async def _cancel(self, state: RunState) -> None:
        facts = state.facts
        now = self._clock.now()
        context = Context(service=SERVICE, project=facts.project, now=now, actor="mobius", correlation=facts.run_id)
        refused = await self._changes.make(state, CancelRun(), context)
        log.info(
            "run_of_deleted_project_cancelled", run=facts.run_id, project=facts.project, refused=refused is not None
        )
