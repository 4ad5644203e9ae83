"""The action log of a project: every invocation, narrowed by what stands in the address."""

from collections.abc import Sequence
from typing import Final

from libs.chassis.http.errors import status_of
from services.audit.dashboard.pages.actions import call_command
from services.audit.dashboard.presenters.invocation_log import log_api, read_log
from services.audit.dashboard.visit import Page, Shown, Sources, View, Visit

PAGE_ROWS: Final = 50


async def show_invocations(visit: Visit, sources: Sources) -> Shown:
    """The latest first."""
    path = f"{visit.projects_path}/invocations"
    log = await read_log(sources.reads, visit, path, PAGE_ROWS)
    start = call_command(sources.address.base(visit.call), visit.project, "<name of an action>")
    data = {"log": log, "path": path, "keep": {}, "start": start}
    return View("Invocations", data, log_api(visit), 200 if log.refused is None else status_of(log.refused))


PAGES: Final[Sequence[Page]] = (
    Page(
        path="/projects/{project}/invocations",
        template="invocations.html",
        show=show_invocations,
        section="invocations",
        live=True,
    ),
)
