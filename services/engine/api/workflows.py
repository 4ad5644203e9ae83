"""Workflow definitions over HTTP: save, change, look at."""

from libs.chassis.clock import Clock, format_time
from libs.chassis.db.link import Row
from libs.chassis.decider import Rejected
from libs.chassis.http import NOT_FOUND, Answer, Call, Json
from libs.chassis.http.tag_filters import tag_filters
from libs.chassis.ids import derived_id, new_id
from libs.contracts.codec import JsonObject
from services.engine.api.calls import context_of
from services.engine.api.models import CreateWorkflowBody, UpdateWorkflowBody, WorkflowsPage
from services.engine.api.paging import after_id, cut, page_view
from services.engine.domain.workflows import CreateWorkflow, UpdateWorkflow, WorkflowState
from services.engine.store.workflow_rows import spec_of
from services.engine.store.workflows import Workflows


class WorkflowHandlers:
    """Answers `/workflows` and what is below one of them, its runs aside."""

    def __init__(self, workflows: Workflows, clock: Clock) -> None:
        self._workflows = workflows
        self._clock = clock

    async def create(self, call: Call[CreateWorkflowBody, None]) -> Answer:
        """201 with the definition; 409 for a name or handle that is taken."""
        body, workflow_id = call.body, new_id("wf")
        command = CreateWorkflow(
            workflow_id=workflow_id,
            name=body.name,
            spec=body.spec,
            created_by=call.principal.key_id,
            handle=body.handle,
            description=body.description,
            published_as_tool=bool(body.published_as_tool),
            tags=body.tags or {},
        )
        saved = await self._workflows.create(command, context_of(call, self._clock, workflow_id))
        return saved if isinstance(saved, Rejected) else Json(201, definition_view(saved))

    async def update(self, call: Call[UpdateWorkflowBody, None]) -> Answer:
        """200 with the definition as it is now."""
        body, workflow_id = call.body, call.params["id"]
        command = UpdateWorkflow(
            updated_by=call.principal.key_id,
            name=body.name,
            description=body.description,
            published_as_tool=body.published_as_tool,
            tags=body.tags,
            spec=body.spec,
        )
        saved = await self._workflows.update(workflow_id, command, context_of(call, self._clock, workflow_id))
        return saved if isinstance(saved, Rejected) else Json(200, definition_view(saved))

    async def get(self, call: Call[None, None]) -> Answer:
        """200 with the latest spec, or 404."""
        found = await self._workflows.find(call.project, call.params["id"])
        return NOT_FOUND if found is None else Json(200, definition_view(found))

    async def list(self, call: Call[None, WorkflowsPage]) -> Answer:
        """One page without specs, newest first."""
        before, tags = after_id(call.query), tag_filters(call.query.tag)
        if isinstance(before, Rejected):
            return before
        if isinstance(tags, Rejected):
            return tags
        found = await self._workflows.page(call.project, before, tags, call.query.limit + 1)
        page, more = cut(found, call.query.limit)
        last = page[-1].workflow_id if page else None
        return Json(200, page_view([summary_view(item) for item in page], more, last))

    async def versions(self, call: Call[None, None]) -> Answer:
        """200 with all versions, newest first, or 404."""
        workflow_id = call.params["id"]
        if await self._workflows.find(call.project, workflow_id) is None:
            return NOT_FOUND
        items = [_version_view(workflow_id, row) for row in await self._workflows.versions(workflow_id)]
        return Json(200, {"items": items})

    async def version(self, call: Call[None, None]) -> Answer:
        """200 with the spec of one version, or 404."""
        workflow_id, number = call.params["id"], _version_number(call.params["version"])
        if isinstance(number, Rejected):
            return number
        if await self._workflows.find(call.project, workflow_id) is None:
            return NOT_FOUND
        row = await self._workflows.version(workflow_id, number)
        return NOT_FOUND if row is None else Json(200, {**_version_view(workflow_id, row), "spec": spec_of(row)})


def summary_view(workflow: WorkflowState) -> JsonObject:
    """The wire's WorkflowDefinitionSummary."""
    view: JsonObject = {
        "id": workflow.workflow_id,
        "name": workflow.name,
        "handle": workflow.handle,
        "latest_version": workflow.latest_version,
        "published_as_tool": workflow.published_as_tool,
        "created_by": workflow.created_by,
        "tags": dict(workflow.tags),
        "created_at": format_time(workflow.created_at),
        "updated_at": format_time(workflow.updated_at),
    }
    return view if workflow.description is None else {**view, "description": workflow.description}


def definition_view(workflow: WorkflowState) -> JsonObject:
    """The wire's WorkflowDefinition."""
    return {**summary_view(workflow), "spec": workflow.spec}


def _version_view(workflow_id: str, row: Row) -> JsonObject:
    return {
        "id": derived_id("wfv", workflow_id, row["version"]),
        "version": row["version"],
        "created_by": row["created_by"],
        "created_at": format_time(row["created_at"]),
    }


def _version_number(text: str) -> int | Rejected:
    if text.isascii() and text.isdigit() and 1 <= len(text) <= 9 and int(text) >= 1:
        return int(text)
    return Rejected("invalid_argument", f"expected a version like 1, but got {text[:32]!r}", field="version")
