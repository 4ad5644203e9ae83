"""Starting a run: a form made from the inputs that the workflow's latest version declares."""

from collections.abc import Mapping, Sequence
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Role
from libs.chassis.http.errors import NOT_FOUND
from libs.contracts.codec import JsonObject, parse_own_json
from services.audit.dashboard.commands import give
from services.audit.dashboard.loose_json import words
from services.audit.dashboard.places import api_path, run_path, workflow_path
from services.audit.dashboard.presenters.declared_inputs import inputs_schema
from services.audit.dashboard.presenters.schema_form import SchemaForm, form_of, read_filled
from services.audit.dashboard.presenters.tag_lines import lines_of, read_tags
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit
from services.audit.store.runs import find_run
from services.audit.store.workflows import Workflow, find_version, find_workflow

INPUTS: Final = "inputs"
"""What their form is called, here and in the API's refusals."""
OTHERS: Final = ("external_id", "queue", "tags")


async def show_start(visit: Visit, sources: Sources) -> Shown:
    """The form, empty, or filled in as for the run that `from` names."""
    found = await _find(visit, sources)
    if found is None:
        return NOT_FOUND
    workflow, form = found
    values = await _values(visit, sources, form)
    data = {
        "workflow": workflow,
        "path": workflow_path(visit, workflow.handle, workflow.id),
        "form": form,
        "values": values,
        "elsewhere": visit.wrong_elsewhere([*form.names, *OTHERS]),
        "more": any(values.get(name) or visit.wrong(name) for name in OTHERS),
    }
    return View(f"Start {workflow.name}", data)


async def start_run(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """Starts it and goes on to the run."""
    found = await _find(visit, sources)
    if found is None:
        return NOT_FOUND
    workflow, inputs_form = found
    inputs, tags = read_filled(inputs_form, form), read_tags(form.get("tags", ""))
    if isinstance(inputs, Rejected):
        return inputs
    if isinstance(tags, Rejected):
        return tags
    content: JsonObject = {"inputs": inputs}
    content |= {name: form[name].strip() for name in ("external_id", "queue") if form.get(name, "").strip()}
    if tags:
        content["tags"] = dict(tags)
    return await begin(visit, sources, api_path(visit, "workflows", workflow.id, "runs"), content)


async def begin(visit: Visit, sources: Sources, path: str, content: JsonObject) -> Redirect | Rejected:
    """Has the API start a run, and goes on to its page, which waits until it is heard of."""
    run = await give(visit, sources, "POST", path, content)
    if isinstance(run, Rejected):
        return run
    assert isinstance(run, dict), "expected the API to answer with the run, but it answered something else"
    return Redirect(f"{run_path(visit, words(run.get('id')))}?started=1")


async def _find(visit: Visit, sources: Sources) -> tuple[Workflow, SchemaForm] | None:
    workflow = await find_workflow(sources.reads, visit.project, visit.param("handle"))
    if workflow is None:
        return None
    version = await find_version(sources.reads, visit.project, workflow.id, workflow.latest_version)
    spec = None if version is None else parse_own_json(version.spec)
    return (workflow, form_of(inputs_schema(spec), INPUTS)) if isinstance(spec, dict) else None


async def _values(visit: Visit, sources: Sources, form: SchemaForm) -> Mapping[str, str]:
    """What stands in the fields."""
    if visit.form is not None:
        return visit.form
    run_id = visit.query.get("from")
    run = None if run_id is None else await find_run(sources.reads, visit.project, run_id)
    if run is None:
        return form.defaults
    inputs = parse_own_json(run.inputs)
    given = form.filled(inputs) if isinstance(inputs, dict) else {}
    return {**given, "tags": lines_of(run.tags)}


START: Final = Page(
    path="/projects/{project}/workflows/{handle}/start",
    template="start_run.html",
    show=show_start,
    section="workflows",
    role=Role.AUTHOR,
)
PAGES: Final[Sequence[Page]] = (START,)
COMMANDS: Final[Sequence[Command]] = (Command(path=START.path, page=START, act=start_run),)
