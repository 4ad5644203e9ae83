"""The action log of a project: every invocation, narrowed by what stands in the address."""

from collections.abc import Sequence
from dataclasses import replace
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import status_of
from services.audit.dashboard.presenters.curl import call_action
from services.audit.dashboard.presenters.invocation_log import Log, log_api, log_of, read_filter
from services.audit.dashboard.visit import Page, Shown, Sources, View, Visit
from services.audit.domain.invocations import Invocation
from services.audit.store.invocations import list_invocations

PAGE_ROWS: Final = 50


async def show_invocations(visit: Visit, sources: Sources) -> Shown:
    """The latest first."""
    path = f"{visit.projects_path}/invocations"
    log = await read_log(visit, sources, path, PAGE_ROWS)
    start = call_action(sources.address.base(visit.call), visit.project, "<name of an action>")
    data = {"log": log, "path": path, "keep": {}, "start": start}
    return View("Invocations", data, log_api(visit), 200 if log.refused is None else status_of(log.refused))


async def read_log(
    visit: Visit, sources: Sources, path: str, most: int, action: str | None = None, keep: Sequence[str] = ()
) -> Log:
    """What the visit's address asks for, at most `most` rows; of one action only, if it is given. `path` is the page,
    `keep` the parameters of its address that belong to others."""
    found: Sequence[Invocation] | Rejected
    wanted = read_filter(visit.project, visit.query)
    if isinstance(wanted, Rejected):
        found = wanted
    else:
        narrowed = wanted if action is None else replace(wanted, action_name=action)
        found = await list_invocations(sources.reads, narrowed, most + 1)
    return log_of(visit, path, found, most, keep, of_one_action=action is not None)


PAGES: Final[Sequence[Page]] = (
    Page(
        path="/projects/{project}/invocations",
        template="invocations.html",
        show=show_invocations,
        section="invocations",
        live=True,
    ),
)
