"""The workflows of a project."""

from collections.abc import Sequence
from typing import Final

from libs.contracts.codec import Json, parse_own_json
from services.audit.dashboard.places import NEW, api_path, with_query, workflow_path
from services.audit.dashboard.presenters.curl import create_workflow
from services.audit.dashboard.visit import Page, Shown, Sources, View, Visit, may_change
from services.audit.store.workflows import Workflow, list_workflows

PAGE_ROWS: Final = 50


async def show_workflows(visit: Visit, sources: Sources) -> Shown:
    """By handle; those behind the handle `after`."""
    found = await list_workflows(sources.reads, visit.project, visit.query.get("after"), PAGE_ROWS + 1)
    path = f"{visit.projects_path}/workflows"
    shown = found[:PAGE_ROWS]
    data = {
        "rows": [
            (workflow, workflow_path(visit, workflow.handle, workflow.id), tags_of(workflow)) for workflow in shown
        ],
        "next": with_query(path, {"after": shown[-1].handle}) if len(found) > PAGE_ROWS else None,
        "first": path if "after" in visit.query else None,
        "create": create_workflow(sources.address.base(visit.call), visit.project),
        "new": f"{path}/{NEW}" if may_change(visit, sources) else None,
    }
    return View("Workflows", data, api_path(visit, "workflows"))


def tags_of(workflow: Workflow) -> dict[str, Json]:
    """Its tags by their keys."""
    tags = parse_own_json(workflow.tags)
    return tags if isinstance(tags, dict) else {}


PAGES: Final[Sequence[Page]] = (
    Page(
        path="/projects/{project}/workflows",
        template="workflows.html",
        show=show_workflows,
        section="workflows",
        live=True,
    ),
)
