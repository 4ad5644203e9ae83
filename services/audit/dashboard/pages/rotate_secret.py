"""An action's secret replaced; and the one showing of a secret."""

from collections.abc import Mapping, Sequence
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Role
from libs.chassis.http.errors import NOT_FOUND, bad_request
from libs.contracts.codec import JsonObject
from services.audit.dashboard.commands import give, new_once, once
from services.audit.dashboard.places import action_command_path, action_path, api_path
from services.audit.dashboard.presenters.verify_samples import SAMPLES
from services.audit.dashboard.visit import Command, Page, Shown, Sources, View, Visit

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
    return View(f"Rotate the secret of {name}", {**data, "rotate": action_command_path(visit, name, "rotate")})


async def rotate(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """The new secret, this once."""
    name, body = visit.param("name"), rotation(form)
    if isinstance(body, Rejected):
        return body
    path = api_path(visit, "actions", name, "secret", "rotate")
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


def secret_view(visit: Visit, title: str, name: str, answer: JsonObject) -> View:
    """The one showing of a secret."""
    data = {
        "secret": str(answer["signing_secret"]),
        "version": answer.get("secret_version"),
        "pending": answer.get("status") == "pending",
        "name": name,
        "path": action_path(visit, name),
        "try_it": action_command_path(visit, name, "try"),
        "samples": SAMPLES,
    }
    return View(title, data, template="secret.html")


ROTATE_PAGE: Final = Page(
    path="/projects/{project}/actions/{name}/rotate",
    template="action_rotate.html",
    show=show_rotate,
    section="actions",
    role=Role.AUTHOR,
)
PAGES: Final[Sequence[Page]] = (ROTATE_PAGE,)
COMMANDS: Final[Sequence[Command]] = (Command(path=ROTATE_PAGE.path, page=ROTATE_PAGE, act=rotate),)
