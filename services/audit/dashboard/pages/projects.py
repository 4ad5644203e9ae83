"""The projects that a key opens."""

from collections.abc import Sequence
from typing import Final

from libs.access.projects import is_open
from services.audit.dashboard.presenters.curl import create_project
from services.audit.dashboard.visit import Page, Redirect, Shown, Sources, View, Visit


async def show_projects(visit: Visit, sources: Sources) -> Shown:
    """All that are open to the key, by name."""
    who = visit.principal
    states = [one for one in sources.access.projects.values() if who.may_use(one.handle) and is_open(one, who)]
    states.sort(key=lambda state: (state.archived, state.name.lower()))
    create = create_project(sources.address.base(visit.call))
    return View("Projects", {"projects": states, "create": create}, "/v1/projects")


async def enter_project(visit: Visit, _sources: Sources) -> Shown:
    """A project begins with its actions."""
    return Redirect(f"{visit.projects_path}/actions")


PAGES: Final[Sequence[Page]] = (
    Page(path="", template="projects.html", show=show_projects, live=True),
    Page(path="/projects/{project}", template="projects.html", show=enter_project),
)
