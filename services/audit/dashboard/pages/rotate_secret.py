"""An action's secret replaced, and the action taken away: both are asked for on a page of their own."""

from collections.abc import Mapping, Sequence
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Role
from libs.chassis.http.errors import NOT_FOUND, bad_request
from libs.contracts.codec import JsonObject
from services.audit.dashboard.commands import give, look, project_path
from services.audit.dashboard.pages.save_action import LOST, TAG, new_once, once, secret_view
from services.audit.dashboard.places import workflow_path
from services.audit.dashboard.presenters.action_rows import action_path, below
from services.audit.dashboard.presenters.affected import affected
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit
from services.audit.store.workflows import workflows_using

GRACE: Final = "grace_seconds"
DEFAULT_GRACE: Final = "600"
MOST_DIGITS: Final = 9


async def show_rotate(visit: Visit, sources: Sources) -> Shown:
    """How the secret is to be replaced."""
    name = visit.param("name")
    card = sources.catalogue.action(visit.project, name)
    if card is None or card.source != "project":
        return NOT_FOUND
    data = {"name": name, "path": action_path(visit, name), "once": new_once(visit), "grace": DEFAULT_GRACE}
    return View(f"Rotate the secret of {name}", {**data, "rotate": below(visit, name, "rotate")})


async def rotate(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """The new secret, this once."""
    name, body = visit.param("name"), rotation(form)
    if isinstance(body, Rejected):
        return body
    path = project_path(visit, "actions", name, "secret", "rotate")
    made = await give(visit, sources, "POST", path, body, once(form))
    if isinstance(made, Rejected):
        return made
    assert isinstance(made, dict)
    await sources.catalogue.catch_up()
    return secret_view(visit, f"{name} has a new secret", name, made)


def rotation(form: Mapping[str, str]) -> JsonObject | Rejected:
    """The body that replaces a secret."""
    grace = form.get(GRACE, "").strip() or DEFAULT_GRACE
    if not (grace.isascii() and grace.isdigit() and len(grace) <= MOST_DIGITS):
        return bad_request(f"expected a whole number of seconds, but got {grace[:64]!r}", GRACE)
    return {GRACE: int(grace), "probe": "probe" in form}


async def show_delete(visit: Visit, sources: Sources) -> Shown:
    """Who would miss it, and the field to type its name into."""
    name = visit.param("name")
    known = await look(visit, sources, project_path(visit, "actions", name))
    if isinstance(known, Rejected):
        return known
    users = await workflows_using(sources.reads, visit.project, [name])
    told = affected(visit, visit.refusal).workflows
    data = {
        "name": name,
        "tag": known.tag or "",
        "path": action_path(visit, name),
        "delete": below(visit, name, "delete"),
        "users": told or [(handle, workflow_path(visit, handle, handle)) for handle in users[name]],
    }
    return View(f"Delete {name}", data)


async def delete(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """Back to the others."""
    name = visit.param("name")
    if form.get("confirm", "").strip() != name:
        return bad_request(f"expected {name}, to be sure that this is meant, but it is something else", "confirm")
    headers = {"If-Match": form[TAG]} if form.get(TAG) else {}
    gone = await give(visit, sources, "DELETE", project_path(visit, "actions", name), None, headers)
    if isinstance(gone, Rejected):
        return Rejected("invalid_state", LOST, code=gone.code) if gone.code == "precondition_failed" else gone
    await sources.catalogue.catch_up()
    return Redirect(f"{visit.projects_path}/actions")


ROTATE_PAGE: Final = Page(
    path="/projects/{project}/actions/{name}/rotate",
    template="action_rotate.html",
    show=show_rotate,
    section="actions",
    role=Role.AUTHOR,
)
DELETE_PAGE: Final = Page(
    path="/projects/{project}/actions/{name}/delete",
    template="action_delete.html",
    show=show_delete,
    section="actions",
    role=Role.AUTHOR,
)
PAGES: Final[Sequence[Page]] = (ROTATE_PAGE, DELETE_PAGE)
COMMANDS: Final[Sequence[Command]] = (
    Command(path=ROTATE_PAGE.path, page=ROTATE_PAGE, act=rotate),
    Command(path=DELETE_PAGE.path, page=DELETE_PAGE, act=delete),
)
