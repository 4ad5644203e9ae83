"""The settings of a project over HTTP."""

from collections.abc import Sequence

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, Call, Empty, Json
from libs.contracts.events.catalog import ConfigEntry
from services.catalog.api.calls import Body, ProjectFinder, context_of
from services.catalog.api.project_models import ConfigEntries
from services.catalog.domain.project_commands import ConfigureProject
from services.catalog.domain.projects import Project
from services.catalog.store.projects import Projects


class ConfigHandlers:
    """Answers `/projects/{id}/config`."""

    def __init__(self, projects: Projects, finder: ProjectFinder, clock: Clock) -> None:
        self._projects = projects
        self._finder = finder
        self._clock = clock

    async def get(self, call: Call[None, None]) -> Answer:
        """200 with a list, empty when nothing was set."""
        project = await self._finder.named(call)
        return project if isinstance(project, Rejected) else Json(200, ConfigEntries.of(project.config))

    async def put(self, call: Call[ConfigEntries, None]) -> Answer:
        """200 with what is set now, instead of what was."""
        changed = await self._configure(call, call.body.entries())
        return changed if isinstance(changed, Rejected) else Json(200, ConfigEntries.of(changed.config))

    async def delete(self, call: Call[None, None]) -> Answer:
        """204: nothing is set, now or before."""
        changed = await self._configure(call, [])
        return changed if isinstance(changed, Rejected) else Empty(204)

    async def _configure(self, call: Call[Body, None], config: Sequence[ConfigEntry]) -> Project | Rejected:
        project = await self._finder.named(call)
        if isinstance(project, Rejected):
            return project
        context = context_of(call, self._clock, project.handle)
        return await self._projects.change(project.handle, ConfigureProject(config), context)
