"""One action: what it is, what goes in and comes out, its secrets, who uses it, and how it fares."""

import asyncio
from collections.abc import Mapping, Sequence
from typing import Final

from libs.chassis.http.errors import NOT_FOUND, status_of
from services.audit.dashboard.pages.invocations import read_log
from services.audit.dashboard.places import SHOWN_AS, action_command_path, api_path
from services.audit.dashboard.presenters.action_rows import action_row, since, still_there
from services.audit.dashboard.presenters.curl import call_action, connect_integration
from services.audit.dashboard.presenters.schema_rows import schema_rows
from services.audit.dashboard.presenters.spans import span_text
from services.audit.dashboard.presenters.verify_samples import SAMPLES
from services.audit.dashboard.visit import Page, Shown, Sources, View, Visit, may_change
from services.audit.domain.action_cards import ActionCard
from services.audit.store.workflows import workflows_using

RECENT: Final = 20


async def show_action(visit: Visit, sources: Sources) -> Shown:
    """The action of the path's name, or the one that `name` says."""
    return await show_named(visit, sources, visit.param("name"))


async def show_named(visit: Visit, sources: Sources, name: str) -> Shown:
    """The page of an action."""
    card = sources.catalogue.action(visit.project, name)
    if card is None:
        return NOT_FOUND
    path = visit.call.request.path
    stats, users, log = await asyncio.gather(
        sources.stats.of(visit.project, [name], since(visit.now), visit.now),
        workflows_using(sources.reads, visit.project, [name]),
        read_log(visit, sources, path, RECENT, name, keep=(SHOWN_AS,)),
    )
    data = {
        "row": action_row(visit, card, stats[name], users[name], visit.now),
        "secrets": list(still_there(card, visit.now)),
        "age": {one.version: span_text(one.created_at, visit.now) for one in card.secrets},
        "input": None if card.input_schema is None else schema_rows(card.input_schema),
        "output": None if card.output_schema is None else schema_rows(card.output_schema),
        "samples": SAMPLES,
        "log": log,
        "path": path,
        "keep": {SHOWN_AS: visit.query[SHOWN_AS]} if SHOWN_AS in visit.query else {},
        **offers(visit, sources, card),
        **commands(visit, sources, card),
    }
    return View(name, data, _api(visit, name), 200 if log.refused is None else status_of(log.refused))


def offers(visit: Visit, sources: Sources, card: ActionCard) -> Mapping[str, object]:
    """What may be done with it, as addresses; None: not by this visitor, or not with this action."""
    may_try = may_change(visit, sources)
    may_edit = may_try and card.source == "project"

    def path(command: str) -> str:
        return action_command_path(visit, card.name, command)

    edits = {command: path(command) if may_edit else None for command in ("edit", "rotate", "delete")}
    return {**edits, "try_it": path("try") if may_try else None}


def commands(visit: Visit, sources: Sources, card: ActionCard) -> Mapping[str, object]:
    """How it is invoked, and how its integration is connected."""
    base, project = sources.address.base(visit.call), visit.project
    connect = connect_integration(base, project, card.integration) if card.integration and not card.available else None
    integrations = {one.integration: one for one in sources.catalogue.integrations(project)}
    return {
        "call": call_action(base, project, card.name, platform=card.source == "platform"),
        "connect": connect,
        "integration": integrations.get(card.integration or ""),
    }


def _api(visit: Visit, name: str) -> str:
    """The path of the API that answers the same."""
    return api_path(visit, "actions", "catalog", name)


PAGES: Final[Sequence[Page]] = (
    Page(
        path="/projects/{project}/actions/{name}",
        template="action.html",
        show=show_action,
        section="actions",
        live=True,
    ),
)
