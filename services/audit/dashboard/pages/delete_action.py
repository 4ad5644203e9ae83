"""An action taken away: asked for on a page of its own, with its name typed again."""

from collections.abc import Mapping, Sequence
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Role
from libs.chassis.http.errors import bad_request
from services.audit.dashboard.commands import TAG, give, look
from services.audit.dashboard.pages.save_action import LOST
from services.audit.dashboard.places import action_command_path, action_path, api_path, workflow_path
from services.audit.dashboard.presenters.affected import affected
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit
from services.audit.store.workflows import workflows_using


async def show_delete(visit: Visit, sources: Sources) -> Shown:
    """Who would miss it, and the field to type its name into."""
    name = visit.param("name")
    known = await look(visit, sources, api_path(visit, "actions", name))
    if isinstance(known, Rejected):
        return known
    users = await workflows_using(sources.reads, visit.project, [name])
    told = affected(visit, visit.refusal).workflows
    data = {
        "name": name,
        "tag": known.tag or "",
        "path": action_path(visit, name),
        "delete": action_command_path(visit, name, "delete"),
        "users": told or [(handle, workflow_path(visit, handle, handle)) for handle in users[name]],
    }
    return View(f"Delete {name}", data)


async def delete(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """Back to the others."""
    name = visit.param("name")
    if form.get("confirm", "").strip() != name:
        return bad_request(f"expected {name}, to be sure that this is meant, but it is something else", "confirm")
    headers = {"If-Match": form[TAG]} if form.get(TAG) else {}
    gone = await give(visit, sources, "DELETE", api_path(visit, "actions", name), None, headers)
    if isinstance(gone, Rejected):
        return Rejected("invalid_state", LOST, code=gone.code) if gone.code == "precondition_failed" else gone
    await sources.catalogue.catch_up()
    return Redirect(f"{visit.projects_path}/actions")


DELETE_PAGE: Final = Page(
    path="/projects/{project}/actions/{name}/delete",
    template="action_delete.html",
    show=show_delete,
    section="actions",
    role=Role.AUTHOR,
)
PAGES: Final[Sequence[Page]] = (DELETE_PAGE,)
COMMANDS: Final[Sequence[Command]] = (Command(path=DELETE_PAGE.path, page=DELETE_PAGE, act=delete),)
