"""One workflow: its graph, its steps and its versions, and what was run of it."""

from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Final, TypeAlias

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import NOT_FOUND, bad_request
from libs.contracts.codec import parse_own_json
from services.audit.dashboard.charts.durations import count_text
from services.audit.dashboard.charts.graph import draw_graph
from services.audit.dashboard.pages.workflows import tags_of
from services.audit.dashboard.places import api_path, with_query, workflow_path
from services.audit.dashboard.presenters.declared_inputs import declared
from services.audit.dashboard.presenters.spans import span_text
from services.audit.dashboard.presenters.step_rows import numbers_of, step_rows
from services.audit.dashboard.visit import Page, Shown, Sources, View, Visit, may_change
from services.audit.dashboard.waiting import until
from services.audit.store.runs import RunFilter, list_runs
from services.audit.store.workflows import Version, Workflow, find_version, find_workflow, list_versions

At: TypeAlias = Callable[[Mapping[str, str | None]], str]
"""The address of this page with these parameters."""

VERSIONS_SHOWN: Final = 50
RUNS_SHOWN: Final = 10
PAGE_STEPS: Final = 100
MOST_DIGITS: Final = 9


async def show_workflow(visit: Visit, sources: Sources) -> Shown:
    """A version of it: the one that `version` names, else the latest."""
    workflow = await find(visit, sources)
    if workflow is None:
        return NOT_FOUND
    number, first = _number(visit, "version"), _number(visit, "steps")
    if isinstance(number, Rejected):
        return number
    if isinstance(first, Rejected):
        return first
    wanted = workflow.latest_version if number is None else number
    version = await find_version(sources.reads, visit.project, workflow.id, wanted)
    if version is None:
        return NOT_FOUND
    path = workflow_path(visit, workflow.handle, workflow.id)
    runs = RunFilter(visit.project, workflow=workflow.name)
    data = {
        "workflow": workflow,
        "version": version,
        "latest": wanted == workflow.latest_version,
        "path": path,
        "tags": tags_of(workflow),
        "versions": await list_versions(sources.reads, visit.project, workflow.id, VERSIONS_SHOWN),
        "runs": await list_runs(sources.reads, runs, RUNS_SHOWN),
        "all_runs": with_query(f"{visit.projects_path}/runs", {"workflow": workflow.name}),
        "duration": span_text,
        "may_change": may_change(visit, sources),
        **_definition(version, partial(with_query, path), wanted, first or 1),
    }
    return View(workflow.name, data, _api(visit, workflow, version))


async def find(visit: Visit, sources: Sources) -> Workflow | None:
    """The workflow; a version that was `saved` a moment ago is waited for."""
    look = partial(find_workflow, sources.reads, visit.project, visit.param("handle"))
    saved = _number(visit, "saved")
    if not isinstance(saved, int):
        return await look()
    return await until(look, lambda one: one is not None and one.latest_version >= saved)


def _definition(version: Version, at: At, number: int, first: int) -> Mapping[str, object]:
    """What the version says: as a drawing, as rows and as a document."""
    spec = parse_own_json(version.spec)
    assert isinstance(spec, dict), "expected a spec to be an object, but it is none"
    numbers = numbers_of(spec)

    def page(start: int) -> str:
        return at({"version": str(number), "steps": str(start) if start > 1 else None})

    def href(step: str) -> str:
        place = numbers.get(step, 1)
        start = (place - 1) // PAGE_STEPS * PAGE_STEPS + 1
        return f"#step-{place}" if start == first else f"{page(start)}#step-{place}"

    return {
        "graph": draw_graph(spec, href),
        "steps": step_rows(spec, first - 1, PAGE_STEPS),
        "step_count": count_text(len(numbers)),
        "next_steps": page(first + PAGE_STEPS) if first - 1 + PAGE_STEPS < len(numbers) else None,
        "first_steps": page(1) if first > 1 else None,
        "inputs": declared(spec, "inputs"),
        "outputs": declared(spec, "outputs"),
        "spec": spec,
    }


def _number(visit: Visit, parameter: str) -> int | Rejected | None:
    """A number from 1 on in the address."""
    text = visit.query.get(parameter)
    if text is None:
        return None
    if text.isascii() and text.isdigit() and len(text) <= MOST_DIGITS and int(text) >= 1:
        return int(text)
    return bad_request(f"expected {parameter} to be a number from 1 on, but it is {text[:64]!r}", parameter)


def _api(visit: Visit, workflow: Workflow, version: Version) -> str:
    return api_path(visit, "workflows", workflow.id, "versions", str(version.version))


WORKFLOW: Final = Page(
    path="/projects/{project}/workflows/{handle}",
    template="workflow.html",
    show=show_workflow,
    section="workflows",
    live=True,
)
PAGES: Final[Sequence[Page]] = (WORKFLOW,)
