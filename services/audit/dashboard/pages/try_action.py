"""An action tried out: a form made from its input schema starts a run with that one step."""

from collections.abc import Mapping, Sequence
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Role
from libs.chassis.http.errors import NOT_FOUND
from services.audit.dashboard.pages.start_run import begin
from services.audit.dashboard.places import action_command_path, action_path, api_path
from services.audit.dashboard.presenters.curl import connect_integration
from services.audit.dashboard.presenters.schema_form import form_of, read_filled
from services.audit.dashboard.presenters.trial import PARAMETERS, beginning, run_of, unaccepted
from services.audit.dashboard.refusals import refused
from services.audit.dashboard.visit import Command, Page, Shown, Sources, View, Visit

HOW: Final = "how"
DRY: Final = "dry"
REAL: Final = "real"
SURE: Final = "sure"
UNSURE: Final = (SURE, "expected this box to be checked, because the action may change something, but it is not")


async def show_try(visit: Visit, sources: Sources) -> Shown:
    """The form."""
    name = visit.param("name")
    card = sources.catalogue.action(visit.project, name)
    if card is None:
        return NOT_FOUND
    form = form_of(card.input_schema, PARAMETERS)
    base = sources.address.base(visit.call)
    data = {
        "card": card,
        "path": action_path(visit, name),
        "try_it": action_command_path(visit, name, "try"),
        "form": form,
        "values": form.defaults if form.fields else form.filled(beginning(card.input_schema)),
        "elsewhere": visit.wrong_elsewhere([*form.names, SURE]),
        "how": (visit.form or {}).get(HOW, DRY),
        "connect": None if card.available else connect_integration(base, visit.project, card.integration or ""),
    }
    return View(f"Try {name}", data)


async def start(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """The run's page."""
    name = visit.param("name")
    card = sources.catalogue.action(visit.project, name)
    if card is None:
        return NOT_FOUND
    parameters = read_filled(form_of(card.input_schema, PARAMETERS), form)
    if isinstance(parameters, Rejected):
        return parameters
    broken = unaccepted(card.input_schema, parameters)
    if broken is not None:
        return broken
    for_real = card.annotations.read_only or form.get(HOW) == REAL
    if for_real and not card.annotations.read_only and SURE not in form:
        return refused([UNSURE])
    return await begin(visit, sources, api_path(visit, "runs"), run_of(card, parameters, dry=not for_real))


TRY_PAGE: Final = Page(
    path="/projects/{project}/actions/{name}/try",
    template="action_try.html",
    show=show_try,
    section="actions",
    role=Role.AUTHOR,
)
PAGES: Final[Sequence[Page]] = (TRY_PAGE,)
COMMANDS: Final[Sequence[Command]] = (Command(path=TRY_PAGE.path, page=TRY_PAGE, act=start),)
