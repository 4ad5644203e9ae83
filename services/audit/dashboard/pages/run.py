"""One run: how it stands, what its steps did and when, what was said of it, and what to do if it failed."""

from collections.abc import Mapping, Sequence
from functools import partial
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import NOT_FOUND
from libs.contracts.codec import parse_own_json
from services.audit.dashboard.commands import give
from services.audit.dashboard.places import (
    api_path,
    read_choice,
    read_event_position,
    read_position,
    run_path,
    with_query,
    workflow_path,
)
from services.audit.dashboard.presenters.run_attempts import PAGE_ATTEMPTS, STATUSES, Attempts, attempts_page
from services.audit.dashboard.presenters.run_errors import run_errors
from services.audit.dashboard.presenters.run_graph import run_graph
from services.audit.dashboard.presenters.run_history import PAGE_EVENTS, History, history
from services.audit.dashboard.presenters.run_timeline import timeline
from services.audit.dashboard.presenters.spans import span_text
from services.audit.dashboard.visit import Command, Page, Redirect, Shown, Sources, View, Visit, may_change
from services.audit.dashboard.waiting import until
from services.audit.store.attempts import list_attempts, steps_by_status
from services.audit.store.run_events import list_latest_run_events, list_run_events
from services.audit.store.runs import Run, find_run

NARROWED: Final = ("step", "status", "attempts", "events", "order")
"""What an address of this page may say, in this order."""


async def show_run(visit: Visit, sources: Sources) -> Shown:
    """The run, a page of its attempts and a page of its events."""
    run = await _find(visit, sources)
    if run is None:
        return NOT_FOUND
    attempts, events = await _attempts(visit, sources, run), await _history(visit, sources, run)
    if isinstance(attempts, Rejected):
        return attempts
    if isinstance(events, Rejected):
        return events
    steps = await steps_by_status(sources.reads, visit.project, run.id)
    data = {
        "run": run,
        "workflow_path": _workflow_path(visit, run),
        "took": span_text(run.started_at, run.finished_at),
        "tags": parse_own_json(run.tags),
        "metadata": parse_own_json(run.metadata),
        "errors": run_errors(run),
        "graph": None if run.spec is None else run_graph(run.spec, steps),
        "attempts": attempts,
        "timeline": timeline(run, attempts.rows, visit.now),
        "attempt_counts": [(status, len(steps[status])) for status in STATUSES if status in steps],
        "span": span_text,
        "history": events,
        "first": _is_from_the_first(visit),
        "here": partial(_here, visit),
        "invocations": with_query(f"{visit.projects_path}/invocations", {"run": run.id}),
        "may_change": may_change(visit, sources),
        "may_cancel": visit.may("author") and run.status == "active",
    }
    return View(f"Run {run.id}", data, api_path(visit, "runs", run.id))


async def cancel_run(visit: Visit, sources: Sources, _form: Mapping[str, str]) -> Shown:
    """Ends the run now."""
    run_id = visit.param("run")
    done = await give(visit, sources, "POST", api_path(visit, "runs", run_id, "cancellations"))
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


async def _attempts(visit: Visit, sources: Sources, run: Run) -> Attempts | Rejected:
    """As the address asks for: `step` and `status` narrow, `attempts` is the position of the page before."""
    after = read_position(visit.query.get("attempts"))
    status = read_choice(visit.query.get("status"), "status", STATUSES)
    if isinstance(after, Rejected):
        return after
    if isinstance(status, Rejected):
        return status
    step = visit.query.get("step")
    return attempts_page(
        await list_attempts(sources.reads, visit.project, run.id, after, PAGE_ATTEMPTS + 1, step=step, status=status)
    )


async def _history(visit: Visit, sources: Sources, run: Run) -> History | Rejected:
    """The events behind the position `events`; the latest come first, unless `order` says otherwise."""
    after = read_event_position(visit.query.get("events"))
    if isinstance(after, Rejected):
        return after
    read = list_run_events if _is_from_the_first(visit) else list_latest_run_events
    return history(await read(sources.reads, visit.project, run.id, after, PAGE_EVENTS + 1))


def _is_from_the_first(visit: Visit) -> bool:
    return visit.query.get("order") == "first"


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
