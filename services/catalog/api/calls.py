"""What calls have in common: who asks, and which project it is about."""

from typing import TypeVar

from pydantic import BaseModel

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import NOT_FOUND, Call, ProjectDirectory
from libs.chassis.journal.entry import Context
from services.catalog.domain.projects import Project
from services.catalog.store.projects import Projects

Body = TypeVar("Body", bound=BaseModel | None)
Query = TypeVar("Query", bound=BaseModel | None)


def context_of(call: Call[Body, Query], clock: Clock, project: str | None = None) -> Context:
    """Who asked for it, when, where, and in which trace. `project` where the path does not have its handle."""
    return Context(
        service="catalog",
        project=call.project if project is None else project,
        now=clock.now(),
        actor=call.principal.key_id,
        traceparent=call.traceparent,
    )


class ProjectFinder:
    """Finds what the path names `{id}`, an id or a handle. The door knows handles only, so it is asked here."""

    def __init__(self, projects: Projects, directory: ProjectDirectory) -> None:
        self._projects = projects
        self._directory = directory

    async def named(self, call: Call[Body, Query]) -> Project | Rejected:
        """The project; the same refusal for none and for a foreign one."""
        return await self.find(call, call.params["id"])

    async def find(self, call: Call[Body, Query], name: str) -> Project | Rejected:
        """As `named`, by a name from anywhere."""
        project = await self._projects.find(name)
        if project is None or not call.principal.may_use(project.handle):
            return NOT_FOUND
        return project if await self._directory.admits(call.principal, project.handle) else NOT_FOUND
