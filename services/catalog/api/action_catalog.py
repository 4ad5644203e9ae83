"""The catalog of a project: its own actions and those of the platform's integrations, side by side."""

from collections.abc import Mapping

from libs.chassis.http import NOT_FOUND, Answer, Call, Json
from libs.contracts.events.dispatcher import PlatformActionState
from services.catalog.api.models import ActionCatalogEntry, ActionCatalogListResponse
from services.catalog.api.views import platform_entry, project_entry
from services.catalog.store.actions import Actions


class ActionCatalogHandlers:
    """Answers `/actions/catalog` and below. `platform` is the replica of what the dispatcher can carry out."""

    def __init__(self, actions: Actions, platform: Mapping[str, PlatformActionState]) -> None:
        self._actions = actions
        self._platform = platform

    async def list(self, call: Call[None, None]) -> Answer:
        """Everything at once, by name."""
        own = [project_entry(action) for action in await self._actions.all(call.project)]
        provided = [platform_entry(action) for action in self._platform.values() if not action.withdrawn]
        items = sorted([*own, *provided], key=lambda entry: entry.name)
        return Json(200, ActionCatalogListResponse(items=items))

    async def get(self, call: Call[None, None]) -> Answer:
        """One entry, or 404."""
        entry = await self._entry(call.project, call.params["action_name"])
        return NOT_FOUND if entry is None else Json(200, entry)

    async def _entry(self, project: str, name: str) -> ActionCatalogEntry | None:
        provided = self._platform.get(name)
        if provided is not None and not provided.withdrawn:
            return platform_entry(provided)
        action = await self._actions.get(project, name)
        return None if action is None else project_entry(action)
