"""Every action that a step of the project can name, with how it fares; below it what was invoked last."""

import asyncio
from bisect import bisect_right
from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from libs.chassis.http.errors import status_of
from services.audit.dashboard.pages.invocations import read_log
from services.audit.dashboard.places import api_path, kept, with_query
from services.audit.dashboard.presenters.action_rows import action_row, since
from services.audit.dashboard.presenters.curl import connect_integration, register_action
from services.audit.dashboard.presenters.invocation_log import FILTERS
from services.audit.dashboard.visit import Page, Shown, Sources, View, Visit, may_change
from services.audit.domain.action_cards import ActionCard, IntegrationCard
from services.audit.store.workflows import workflows_using

PAGE_ACTIONS: Final = 50
RECENT: Final = 20
OWN: Final = ("search", "source", "integration", "after")
"""The parameters of the list of actions; those of the log below it are its own."""
SOURCES: Final = ("project", "platform")


async def show_actions(visit: Visit, sources: Sources) -> Shown:
    """A page of the actions by name, and the newest invocations."""
    path = f"{visit.projects_path}/actions"
    everything = sources.catalogue.actions(visit.project)
    fitting = [card for card in everything if fits(card, visit.query)]
    cards, after = page_of(fitting, visit.query.get("after"))
    names = [card.name for card in cards]
    stats, users, log = await asyncio.gather(
        sources.stats.of(visit.project, names, since(visit.now), visit.now),
        workflows_using(sources.reads, visit.project, names),
        read_log(visit, sources, path, RECENT, keep=OWN),
    )
    base = sources.address.base(visit.call)
    data = {
        "rows": [action_row(visit, card, stats[card.name], users[card.name], visit.now) for card in cards],
        "any": any(card.source == "project" for card in everything),
        "count": len(fitting),
        "fields": filter_fields(everything),
        "keep": kept(visit.query, OWN),
        "keep_log": kept(visit.query, FILTERS),
        "further": with_query(path, {**kept(visit.query, (*OWN, *FILTERS)), "after": after}) if after else None,
        "first": with_query(path, {**kept(visit.query, (*OWN, *FILTERS)), "after": None}),
        "unconnected": unconnected(sources.catalogue.integrations(visit.project), cards),
        "connect": partial(connect_integration, base, visit.project),
        "log": log,
        "path": path,
        "register": register_action(base, visit.project),
        "may_change": may_change(visit, sources),
    }
    return View("Actions", data, _api(visit), 200 if log.refused is None else status_of(log.refused))


def fits(card: ActionCard, query: Mapping[str, str]) -> bool:
    """Whether the address asks for it. A search finds names and texts, whatever their case."""
    if query.get("source", card.source) != card.source:
        return False
    if query.get("integration", card.integration) != card.integration:
        return False
    wanted = query.get("search", "").casefold()
    return wanted in "\n".join((card.name, card.title or "", card.description or "")).casefold()


def page_of(cards: Sequence[ActionCard], after: str | None) -> tuple[Sequence[ActionCard], str | None]:
    """Those behind the name `after`, and the name that the next page goes on from."""
    begin = 0 if after is None else bisect_right(cards, after, key=lambda card: card.name)
    page = cards[begin : begin + PAGE_ACTIONS]
    return page, page[-1].name if begin + PAGE_ACTIONS < len(cards) else None


def filter_fields(cards: Sequence[ActionCard]) -> list[tuple[str, str, Sequence[str] | None, str]]:
    """The fields of the filter bar: name, label, choices, an example."""
    provided = sorted({card.integration for card in cards if card.integration is not None})
    return [
        ("search", "Search", None, "in names and texts"),
        ("source", "Provided by", SOURCES, ""),
        ("integration", "Integration", provided, ""),
    ]


def unconnected(integrations: Sequence[IntegrationCard], cards: Sequence[ActionCard]) -> Sequence[IntegrationCard]:
    """The integrations that have to be connected before all of these can be carried out."""
    wanting = {card.integration for card in cards if not card.available}
    return [one for one in integrations if one.integration in wanting]


def _api(visit: Visit) -> str:
    """The path of the API that answers the same."""
    source = visit.query.get("source")
    asked = {"source": source if source == "project" else None, "search": visit.query.get("search")}
    more = {"integration": visit.query.get("integration")}
    return with_query(api_path(visit, "actions", "catalog"), {**asked, **more})


PAGES: Final[Sequence[Page]] = (
    Page(path="/projects/{project}/actions", template="actions.html", show=show_actions, section="actions", live=True),
)
