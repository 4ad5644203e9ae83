"""The catalog of a project: its own actions and those of the platform's integrations, side by side."""

from collections.abc import Callable, Mapping, Sequence, Set
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import NOT_FOUND, Answer, Call, Json, Principal, Role, decode_cursor, encode_cursor
from libs.contracts.events.dispatcher import PlatformActionState
from services.catalog.api.models import ActionCatalogEntry, ActionCatalogListResponse, ActionCatalogQuery
from services.catalog.api.views import platform_entry, project_entry
from services.catalog.store.actions import Actions
from services.catalog.store.integrations import Integrations

RUNS_STEPS: Final = Role.AUTHOR
"""Who may start runs, and so have actions invoked."""


class ActionCatalogHandlers:
    """Answers `/actions/catalog` and below. `platform` is the replica of what the dispatcher can carry out."""

    def __init__(
        self, actions: Actions, integrations: Integrations, platform: Mapping[str, PlatformActionState]
    ) -> None:
        self._actions = actions
        self._integrations = integrations
        self._platform = platform

    async def list(self, call: Call[None, ActionCatalogQuery]) -> Answer:
        """What is wanted, by name; all at once unless a limit is given."""
        query = call.query
        after = None if query.cursor is None else decode_cursor(query.cursor, [str])
        if isinstance(after, Rejected):
            return after
        connected = set(await self._integrations.all(call.project))
        own = [project_entry(action, _may_run(call.principal)) for action in await self._actions.all(call.project)]
        provided = [self._provided(action, connected, call.principal) for action in self._offered()]
        wanted = [entry for entry in (*own, *provided) if _is_wanted(entry, query)]
        items = sorted(wanted, key=lambda entry: entry.name)
        if after is not None:
            items = [entry for entry in items if entry.name > str(after[0])]
        return Json(200, _page(items, query.limit))

    async def get(self, call: Call[None, None]) -> Answer:
        """One entry, or 404."""
        entry = await self._entry(call.project, call.params["action_name"], call.principal)
        return NOT_FOUND if entry is None else Json(200, entry)

    async def _entry(self, project: str, name: str, principal: Principal) -> ActionCatalogEntry | None:
        provided = self._platform.get(name)
        if provided is not None and not provided.withdrawn:
            return self._provided(provided, set(await self._integrations.all(project)), principal)
        action = await self._actions.get(project, name)
        return None if action is None else project_entry(action, _may_run(principal))

    def _offered(self) -> Sequence[PlatformActionState]:
        return [action for action in self._platform.values() if not action.withdrawn]

    def _provided(self, action: PlatformActionState, connected: Set[str], principal: Principal) -> ActionCatalogEntry:
        usable = action.available or action.integration in connected
        return platform_entry(action, usable and _may_run(principal))


def _may_run(principal: Principal) -> bool:
    return principal.role >= RUNS_STEPS


def _is_wanted(entry: ActionCatalogEntry, query: ActionCatalogQuery) -> bool:
    tests: tuple[tuple[object, Callable[[], bool]], ...] = (
        (query.source, lambda: entry.source == query.source),
        (query.integration, lambda: entry.integration == query.integration),
        (query.available, lambda: entry.available == query.available),
        (query.search, lambda: _is_found(entry, str(query.search))),
    )
    return all(holds() for asked, holds in tests if asked is not None)


def _is_found(entry: ActionCatalogEntry, text: str) -> bool:
    return text.casefold() in " ".join((entry.name, entry.title or "", entry.description or "")).casefold()


def _page(items: list[ActionCatalogEntry], limit: int | None) -> ActionCatalogListResponse:
    if limit is None:
        return ActionCatalogListResponse(items=items)
    page, has_more = items[:limit], len(items) > limit
    cursor = encode_cursor(page[-1].name) if has_more else None
    return ActionCatalogListResponse(items=page, next_cursor=cursor, has_more=has_more)
