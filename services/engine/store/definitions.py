"""Saved definitions in memory, for starting runs. Only a cache: the start's statement expects them as they were."""

from collections import OrderedDict

from services.engine.domain.workflows import WorkflowState
from services.engine.store.workflows import Workflows


class Definitions:
    """The definitions that were used last."""

    def __init__(self, workflows: Workflows, most: int) -> None:
        self._workflows = workflows
        self._most = most
        self._kept: OrderedDict[str, WorkflowState] = OrderedDict()

    async def find(self, project: str, workflow_id: str) -> WorkflowState | None:
        """The project's definition, perhaps not the latest. Raises `Unavailable`."""
        known = self._kept.get(workflow_id)
        if known is None:
            known = await self._workflows.find(project, workflow_id)
            if known is None:
                return None
            self._kept[workflow_id] = known
        self._kept.move_to_end(workflow_id)
        if len(self._kept) > self._most:
            self._kept.popitem(last=False)
        return known if known.project == project else None

    def drop(self, workflow_id: str) -> None:
        """It has changed."""
        self._kept.pop(workflow_id, None)
