"""Registering an action, and changing it."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Role
from libs.chassis.http.errors import forbidden
from libs.contracts.codec import JsonObject
from services.audit.dashboard.commands import TAG, give, look, new_once, once
from services.audit.dashboard.pages.action import show_named
from services.audit.dashboard.pages.rotate_secret import secret_view
from services.audit.dashboard.places import NEW, SHOWN_AS, action_command_path, action_path, api_path, with_query
from services.audit.dashboard.presenters.action_form import changes, creation, filled
from services.audit.dashboard.presenters.affected import affected
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit

REASON: Final = "accept_breaking"

LOST: Final = (
    "expected the action as it was when this form was opened, but somebody has changed it since. What you typed is "
    "kept here; open the action as it is now in another tab, and bring both together"
)


async def show_new(visit: Visit, sources: Sources) -> Shown:
    """The empty form; or the action that is called as this page is."""
    if visit.query.get(SHOWN_AS) == "action":
        shown = await show_named(visit, sources, NEW)
        return replace(shown, template="action.html") if isinstance(shown, View) else shown
    if not visit.may("author"):
        return forbidden("expected a key with the role author, but this one has a smaller role")
    taken = action_path(visit, NEW) if sources.catalogue.action(visit.project, NEW) is not None else None
    data: dict[str, object] = {
        "values": {},
        "once": new_once(visit),
        "taken": taken,
        "path": f"{visit.projects_path}/actions",
    }
    return View("Register an action", data)


async def register(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """The action's secret, this once."""
    body = creation(form)
    if isinstance(body, Rejected):
        return body
    made = await give(visit, sources, "POST", api_path(visit, "actions"), body, once(form))
    if isinstance(made, Rejected):
        return made
    assert isinstance(made, dict)
    await sources.catalogue.catch_up()
    name = str(made["name"])
    return secret_view(visit, f"{name} is registered", name, made)


async def show_edit(visit: Visit, sources: Sources) -> Shown:
    """The form as the action is now; after a refusal as it was filled in."""
    name = visit.param("name")
    known = await look(visit, sources, api_path(visit, "actions", name))
    if isinstance(known, Rejected):
        return known
    form = visit.form or {}
    data = {
        "name": name,
        "values": filled(known.value),
        "tag": form.get(TAG, known.tag or ""),
        "path": action_path(visit, name),
        "edit": action_command_path(visit, name, "edit"),
        "breaking": affected(visit, visit.refusal) if _is_breaking(visit) else None,
        "lost": visit.refusal is not None and visit.refusal.code == "precondition_failed",
    }
    return View(f"Edit {name}", data, api_path(visit, "actions", name))


async def edit(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """Back to the action, which is now so."""
    name = visit.param("name")
    path = api_path(visit, "actions", name)
    known = await look(visit, sources, path)
    if isinstance(known, Rejected):
        return known
    tag = form.get(TAG, "")
    if tag != known.tag:
        return Rejected("invalid_state", LOST, code="precondition_failed")
    body = changes(form, known.value)
    if isinstance(body, Rejected):
        return body
    done = await _patch(visit, sources, path, body, form.get(REASON, "").strip(), tag) if body else None
    if isinstance(done, Rejected):
        return done
    await sources.catalogue.catch_up()
    return Redirect(action_path(visit, name))


async def _patch(visit: Visit, sources: Sources, path: str, body: JsonObject, reason: str, tag: str) -> Rejected | None:
    """None: done. An update that would be lost is refused by the API itself: somebody may have come in between."""
    answer = await give(visit, sources, "PATCH", with_query(path, {REASON: reason}), body, {"If-Match": tag})
    if not isinstance(answer, Rejected):
        return None
    if answer.code == "precondition_failed":
        return Rejected("invalid_state", LOST, code=answer.code)
    return answer


def _is_breaking(visit: Visit) -> bool:
    return visit.refusal is not None and visit.refusal.code == "breaking_change"


NEW_PAGE: Final = Page(
    path="/projects/{project}/actions/new",
    template="action_new.html",
    show=show_new,
    section="actions",
)
EDIT_PAGE: Final = Page(
    path="/projects/{project}/actions/{name}/edit",
    template="action_edit.html",
    show=show_edit,
    section="actions",
    role=Role.AUTHOR,
)
PAGES: Final[Sequence[Page]] = (NEW_PAGE, EDIT_PAGE)
COMMANDS: Final[Sequence[Command]] = (
    Command(path=NEW_PAGE.path, page=NEW_PAGE, act=register),
    Command(path=EDIT_PAGE.path, page=EDIT_PAGE, act=edit),
)
