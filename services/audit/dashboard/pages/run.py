"""One run: how it stands, what its steps did and when, what was said of it, and what to do if it failed."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import NOT_FOUND
from libs.contracts.codec import parse_own_json
from services.audit.dashboard.commands import give, project_path
from services.audit.dashboard.places import read_event_position, run_path, with_query, workflow_path
from services.audit.dashboard.presenters.run_attempts import STATUSES, attempts_page
from services.audit.dashboard.presenters.run_errors import errors_of
from services.audit.dashboard.presenters.run_graph import run_graph
from services.audit.dashboard.presenters.run_history import history
from services.audit.dashboard.presenters.run_timeline import timeline
from services.audit.dashboard.presenters.spans import span_text
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit
from services.audit.dashboard.waiting import may_change, until
from services.audit.store.attempts import steps_by_status
from services.audit.store.runs import Run, find_run

NARROWED: Final = ("step", "status", "attempts", "events", "order")
"""What an address of this page may say, in this order."""


async def show_run(visit: Visit, sources: Sources) -> Shown:
    """The run, a page of its attempts and a page of its events."""
    run = await _find(visit, sources)
    if run is None:
        return NOT_FOUND
    after = read_event_position(visit.query.get("events"))
    attempts = await attempts_page(sources.reads, visit.project, run.id, visit.query)
    for one in (after, attempts):
        if isinstance(one, Rejected):
            return one
    assert not isinstance(after, Rejected)
    assert not isinstance(attempts, Rejected)
    first = visit.query.get("order") == "first"
    told = await history(sources.reads, visit.project, run.id, after, first=first)
    steps = await steps_by_status(sources.reads, visit.project, run.id)
    data = {
        "run": run,
        "workflow_path": _workflow_path(visit, run),
        "took": span_text(run.started_at, run.finished_at),
        "tags": parse_own_json(run.tags),
        "metadata": parse_own_json(run.metadata),
        "errors": errors_of(run),
        "graph": None if run.spec is None else run_graph(run.spec, steps),
        "attempts": attempts,
        "timeline": timeline(run, attempts.rows, visit.now),
        "attempt_counts": [(status, len(steps[status])) for status in STATUSES if status in steps],
        "span": span_text,
        "history": told,
        "first": first,
        "here": partial(_here, visit),
        "invocations": with_query(f"{visit.projects_path}/invocations", {"run": run.id}),
        "may_change": may_change(visit, sources),
        "may_cancel": visit.may("author") and run.status == "active",
    }
    return View(f"Run {run.id}", data, project_path(visit, "runs", run.id))


async def cancel_run(visit: Visit, _sources: Sources, _form: Mapping[str, str]) -> Shown:
    """Ends the run now."""
    run_id = visit.param("run")
    done = await give(visit, _sources, "POST", project_path(visit, "runs", run_id, "cancellations"))
    if isinstance(done, Rejected):
        return done
    return Redirect(with_query(run_path(visit, run_id), {"ended": "1"}))


async def _find(visit: Visit, sources: Sources) -> Run | None:
    """The run; one that was started or ended a moment ago is waited for."""
    look = partial(find_run, sources.reads, visit.project, visit.param("run"))
    if "ended" in visit.query:
        return await until(look, lambda run: run is None or run.status != "active")
    if "started" in visit.query:
        return await until(look, lambda run: run is not None)
    return await look()


def _here(visit: Visit, **changed: str | None) -> str:
    """This page, with these parameters changed."""
    asked = {name: visit.query.get(name) for name in NARROWED} | changed
    return with_query(run_path(visit, visit.param("run")), asked)


def _workflow_path(visit: Visit, run: Run) -> str | None:
    if run.definition_id is None:
        return None
    version = None if run.definition_version is None else str(run.definition_version)
    handle = run.workflow_handle or run.definition_id
    return with_query(workflow_path(visit, handle, run.definition_id), {"version": version})


RUN: Final = Page(path="/projects/{project}/runs/{run}", template="run.html", show=show_run, section="runs", live=True)

PAGES: Final[Sequence[Page]] = (RUN,)
COMMANDS: Final[Sequence[Command]] = (
    Command(path="/projects/{project}/runs/{run}/cancel", page=RUN, act=cancel_run, edits=False),
)
