"""Saving a workflow: a new one, or another version of one that is there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import Role
from libs.chassis.http.errors import NOT_FOUND
from libs.contracts.codec import Json, JsonObject, indent_json, parse_own_json
from services.audit.dashboard.commands import give
from services.audit.dashboard.loose_json import words
from services.audit.dashboard.places import NEW, api_path, workflow_path
from services.audit.dashboard.presenters.spec_text import read_spec
from services.audit.dashboard.presenters.tag_lines import lines_of, read_tags
from services.audit.dashboard.refusals import errors_of
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit
from services.audit.store.workflows import find_version, find_workflow

MOST_CHARACTERS: Final = 200_000
"""A definition that is longer, as it is shown here, does not come back by a form: it is saved by the API."""

EXAMPLE: Final = """\
name: hello
inputs:
  - name: doc_id
    type: string
steps:
  - name: summarize
    action: summarize-document
    parameters:
      doc_id: "${inputs.doc_id}"
"""


@dataclass(frozen=True, slots=True)
class Problem:
    """Something that is wrong with a definition: where, in which step, and what."""

    field: str
    step: str
    sentence: str


async def show_new(visit: Visit, _sources: Sources) -> Shown:
    """An empty form."""
    return _form(visit, "New workflow", dict.fromkeys(("name", "handle", "description", "tags", "spec"), ""), None)


async def show_edit(visit: Visit, sources: Sources) -> Shown:
    """The latest version, to be changed."""
    workflow = await find_workflow(sources.reads, visit.project, visit.param("handle"))
    if workflow is None:
        return NOT_FOUND
    version = await find_version(sources.reads, visit.project, workflow.id, workflow.latest_version)
    spec = "" if version is None else indent_json(parse_own_json(version.spec))
    values = {
        "name": workflow.name,
        "description": workflow.description or "",
        "tags": lines_of(workflow.tags),
        "spec": spec if len(spec) <= MOST_CHARACTERS else "",
        "version": str(workflow.latest_version),
    }
    path = workflow_path(visit, workflow.handle, workflow.id)
    return _form(visit, f"Edit {workflow.name}", values, path, too_long=len(spec) > MOST_CHARACTERS)


async def create(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """Saves version 1 and goes on to the workflow."""
    content = _content(form)
    if isinstance(content, Rejected):
        return content
    if handle := form.get("handle", "").strip():
        content["handle"] = handle
    saved = await give(visit, sources, "POST", api_path(visit, "workflows"), content)
    return saved if isinstance(saved, Rejected) else _to(visit, saved)


async def edit(visit: Visit, sources: Sources, form: Mapping[str, str]) -> Shown:
    """Saves what was changed; another definition becomes the next version."""
    workflow = await find_workflow(sources.reads, visit.project, visit.param("handle"))
    if workflow is None:
        return NOT_FOUND
    if form.get("version") != str(workflow.latest_version):
        sentence = (
            f"expected the latest version to be changed, but version {workflow.latest_version} was saved meanwhile"
        )
        return Rejected("invalid_state", sentence)
    content = _content(form, keep_spec=not form.get("spec", "").strip())
    if isinstance(content, Rejected):
        return content
    saved = await give(visit, sources, "PATCH", api_path(visit, "workflows", workflow.id), content)
    return saved if isinstance(saved, Rejected) else _to(visit, saved)


def problems_of(refusal: Rejected | None) -> Sequence[Problem]:
    """Everything that is wrong with the definition, as the API lists it."""
    listed = [
        Problem(words(one.get("field")), words(one.get("step")), words(one.get("message")))
        for one in errors_of(refusal)
    ]
    of_spec = refusal is not None and (refusal.field or "").startswith("spec")
    return listed or ([Problem("", "", refusal.sentence)] if refusal is not None and of_spec else ())


def _form(visit: Visit, title: str, values: Mapping[str, str], path: str | None, *, too_long: bool = False) -> View:
    problems = problems_of(visit.refusal)
    data = {
        "values": values if visit.form is None else {**dict.fromkeys(values, ""), **visit.form},
        "path": path,
        "action": f"{path}/edit" if path else f"{visit.projects_path}/workflows/{NEW}",
        "problems": problems,
        "refused": None if problems else visit.refusal,
        "too_long": too_long,
        "example": EXAMPLE,
    }
    return View(title, data)


def _content(form: Mapping[str, str], *, keep_spec: bool = False) -> JsonObject | Rejected:
    """What is sent to the API; without a spec where that stays as it is."""
    tags = read_tags(form.get("tags", ""))
    if isinstance(tags, Rejected):
        return tags
    content: JsonObject = {
        "name": form.get("name", "").strip(),
        "description": form.get("description", "").strip(),
        "tags": dict(tags),
    }
    if not keep_spec:
        spec = read_spec(form.get("spec", ""))
        if isinstance(spec, Rejected):
            return spec
        content["spec"] = spec
    return content


def _to(visit: Visit, saved: Json) -> Redirect:
    assert isinstance(saved, dict), "expected the API to answer with the workflow, but it answered something else"
    path = workflow_path(visit, words(saved.get("handle")), words(saved.get("id")))
    return Redirect(f"{path}?saved={saved.get('latest_version')}")


_NEW: Final = Page(
    path=f"/projects/{{project}}/workflows/{NEW}",
    template="save_workflow.html",
    show=show_new,
    section="workflows",
    role=Role.AUTHOR,
)
_EDIT: Final = Page(
    path="/projects/{project}/workflows/{handle}/edit",
    template="save_workflow.html",
    show=show_edit,
    section="workflows",
    role=Role.AUTHOR,
)
PAGES: Final[Sequence[Page]] = (_NEW, _EDIT)
COMMANDS: Final[Sequence[Command]] = (
    Command(path=_NEW.path, page=_NEW, act=create),
    Command(path=_EDIT.path, page=_EDIT, act=edit),
)
