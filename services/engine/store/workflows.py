"""Workflow definitions: saved, changed, found, listed."""

from collections.abc import Sequence
from functools import partial

from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link, Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context, entries
from libs.chassis.outbox.relay import Relay
from libs.contracts.tags import TagFilter
from services.engine.domain.workflows import (
    CreateWorkflow,
    UpdateWorkflow,
    WorkflowCommand,
    WorkflowState,
    decide_workflow,
    evolve_workflow,
)
from services.engine.store.actions import ActionBook
from services.engine.store.workflow_rows import parts_of, state_of

QUERIES = load_queries(__package__)
TRIES = 5
GONE = Rejected("not_found", "expected a workflow of this project, but there is none with this id")


class Workflows:
    """Component. One connection for changes; queries go through `reads`. Raises `Unavailable`."""

    def __init__(self, postgres_url: str, reads: Reads, actions: ActionBook, relay: Relay) -> None:
        self._link = Link(postgres_url, "engine-workflows")
        self._reads = reads
        self._actions = actions
        self._relay = relay

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        await self._link.close()

    def ready(self) -> str | None:
        return None

    async def create(self, command: CreateWorkflow, context: Context) -> WorkflowState | Rejected:
        """Saves version 1. Name and handle are unique in the project."""
        for _ in range(TRIES):
            made = await self._make(None, command.workflow_id, command, context)
            if made is not None:
                return made
        raise Unavailable(f"expected to save {command.workflow_id} within {TRIES} tries, but others wrote first")

    async def update(self, workflow_id: str, command: UpdateWorkflow, context: Context) -> WorkflowState | Rejected:
        """Changes what the command names; a spec that differs becomes the next version."""
        for _ in range(TRIES):
            state = await self.find(context.project, workflow_id)
            if state is None:
                return GONE
            made = await self._make(state, workflow_id, command, context)
            if made is not None:
                return made
        raise Unavailable(f"expected to change {workflow_id} within {TRIES} tries, but others wrote first")

    async def find(self, project: str, workflow_id: str) -> WorkflowState | None:
        """The project's definition with its latest spec."""
        row = await self._reads.row(QUERIES["find_workflow"], workflow_id)
        return None if row is None or row["project"] != project else state_of(row)

    async def page(self, project: str, before: str | None, tags: Sequence[TagFilter], most: int) -> list[WorkflowState]:
        """Newest first, those created before the workflow `before`; without their specs."""
        keys, choices = [tag.key for tag in tags], [tag.choices for tag in tags]
        rows = await self._reads.rows(QUERIES["list_workflows"], project, before, keys, choices, most)
        return [state_of(row) for row in rows]

    async def versions(self, workflow_id: str) -> Sequence[Row]:
        """Newest first: `version`, `created_by`, `created_at`."""
        return await self._reads.rows(QUERIES["list_versions"], workflow_id)

    async def version(self, workflow_id: str, version: int) -> Row | None:
        """One version, with its `spec`."""
        return await self._reads.row(QUERIES["find_version"], workflow_id, version)

    async def _make(
        self, state: WorkflowState | None, workflow_id: str, command: WorkflowCommand, context: Context
    ) -> WorkflowState | Rejected | None:
        """None when somebody else wrote first."""
        catalog = self._actions.catalog(context.project)
        decision = await self._actions.decided(partial(decide_workflow, state, command, context.now, catalog))
        if isinstance(decision, Rejected):
            return decision
        appended = entries(context, workflow_id, state.version if state else 0, workflow_id, decision)
        parts: list[Part] = []
        for entry in appended:
            state = evolve_workflow(state, entry.event)
            parts += parts_of(state, entry.event)
        assert state is not None, "expected a command to save something where nothing is"
        if not appended:
            return state
        self._relay.ensure_room()
        try:
            await commit(self._link, parts, appended)
            assert reached("workflow_committed")
        except Conflict:
            return await self._taken(state)
        self._relay.offer(appended)
        return state

    async def _taken(self, state: WorkflowState) -> Rejected | None:
        """Which of the unique texts somebody has; None if the conflict was about something else."""
        row = await self._link.row(QUERIES["find_taken"], state.project, state.name, state.handle, state.workflow_id)
        if row is None:
            return None
        field = "name" if row["name"] == state.name else "handle"
        sentence = f"expected a {field} that is free in this project, but {row[field]!r} is taken"
        return Rejected("already_exists", sentence, field=field, details={"existing_id": row["workflow_id"]})
