"""An action tried out: a form made from its input schema starts a run with that one step."""

from collections.abc import Mapping, Sequence
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Role
from libs.chassis.http.errors import NOT_FOUND
from libs.contracts.codec import Json, JsonObject, indent_json
from services.audit.dashboard.commands import give, project_path
from services.audit.dashboard.pages.actions import connect_command
from services.audit.dashboard.places import run_path
from services.audit.dashboard.presenters.action_rows import action_path, below
from services.audit.dashboard.presenters.schema_form import ALL, fields_of, read_parameters, refused
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit
from services.audit.domain.action_cards import ActionCard

STEP: Final = "try"
MOST_NAME: Final = 128
"""Characters of a workflow's name."""
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
    fields = fields_of(card.input_schema)
    base = sources.address.base(visit.call)
    data = {
        "card": card,
        "path": action_path(visit, name),
        "try_it": below(visit, name, "try"),
        "fields": fields,
        "all": ALL,
        "document": indent_json(beginning(card)),
        "other": other_errors(visit, [ALL] if fields is None else [one.field for one in fields]),
        "how": (visit.form or {}).get(HOW, DRY),
        "connect": None if card.available else connect_command(base, visit.project, card.integration or ""),
    }
    return View(f"Try {name}", data)


async def start(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """The run's page."""
    name = visit.param("name")
    card = sources.catalogue.action(visit.project, name)
    if card is None:
        return NOT_FOUND
    parameters = read_parameters(card.input_schema, fields_of(card.input_schema), form)
    if isinstance(parameters, Rejected):
        return parameters
    for_real = card.annotations.read_only or form.get(HOW) == REAL
    if for_real and not card.annotations.read_only and SURE not in form:
        return refused([UNSURE])
    run = await give(visit, sources, "POST", project_path(visit, "runs"), run_of(card, parameters, dry=not for_real))
    if isinstance(run, Rejected):
        return run
    assert isinstance(run, dict)
    return Redirect(f"{run_path(visit, str(run['id']))}?started=1")


def run_of(card: ActionCard, parameters: JsonObject, *, dry: bool) -> JsonObject:
    """The body that starts a run with this one step."""
    kind = "server" if card.source == "platform" else "worker"
    step: JsonObject = {"name": STEP, "action": card.name, "action_kind": kind, "store": "result"}
    step["parameters"] = literally(parameters)
    outputs: list[Json] = [{"name": "result", "variable": "result"}]
    spec: JsonObject = {"name": f"try {card.name}"[:MOST_NAME], "steps": [step], "outputs": outputs}
    return {"mode": "inline", "spec": spec, **({"dry_run": True} if dry else {})}


def literally(value: Json) -> Json:
    """The value as a step's parameters have to say it: what looks like an expression is none."""
    if isinstance(value, str):
        return value.replace("${", "$${")
    if isinstance(value, list):
        return [literally(item) for item in value]
    return {name: literally(item) for name, item in value.items()} if isinstance(value, dict) else value


def beginning(card: ActionCard) -> JsonObject:
    """The document to begin with: an example of the schema's own, if it has one."""
    examples = (card.input_schema or {}).get("examples")
    first = examples[0] if isinstance(examples, list) and examples else None
    return first if isinstance(first, dict) else {}


def other_errors(visit: Visit, fields: Sequence[str]) -> Sequence[str]:
    """What was wrong and stands at none of these fields."""
    if visit.refusal is None:
        return ()
    placed = {sentence for field in (*fields, SURE) for sentence in visit.wrong(field)}
    listed = (visit.refusal.details or {}).get("errors")
    said = [str(one.get("message")) for one in listed if isinstance(one, dict)] if isinstance(listed, list) else []
    return [sentence for sentence in said or [visit.refusal.sentence] if sentence not in placed]


TRY_PAGE: Final = Page(
    path="/projects/{project}/actions/{name}/try",
    template="action_try.html",
    show=show_try,
    section="actions",
    role=Role.AUTHOR,
)
PAGES: Final[Sequence[Page]] = (TRY_PAGE,)
COMMANDS: Final[Sequence[Command]] = (Command(path=TRY_PAGE.path, page=TRY_PAGE, act=start),)
