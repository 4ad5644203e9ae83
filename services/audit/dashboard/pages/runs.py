"""The runs of a project: which there are, narrowed by what stands in the address."""

from collections.abc import Mapping, Sequence
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http import encode_moment
from libs.chassis.http.errors import status_of
from services.audit.dashboard.charts.durations import count_text
from services.audit.dashboard.places import api_path, kept, read_choice, read_period, read_position, with_query
from services.audit.dashboard.presenters.curl import start_run
from services.audit.dashboard.presenters.spans import span_text
from services.audit.dashboard.visit import Page, Shown, Sources, View, Visit
from services.audit.store.runs import STATUSES, RunFilter, RunRow, count_runs, list_runs

PAGE_ROWS: Final = 50
MOST_COUNTED: Final = 1_000

FILTERS: Final = ("status", "workflow", "since", "until")


async def show_runs(visit: Visit, sources: Sources) -> Shown:
    """The latest first; those before the position `before`."""
    wanted = read_filter(visit.project, visit.query)
    refused = wanted if isinstance(wanted, Rejected) else None
    found = [] if isinstance(wanted, Rejected) else await list_runs(sources.reads, wanted, PAGE_ROWS + 1)
    counts = await count_runs(sources.reads, visit.project, MOST_COUNTED)
    path = f"{visit.projects_path}/runs"
    data = {
        "runs": found[:PAGE_ROWS],
        "older": older(path, visit.query, found),
        "newest": with_query(path, kept(visit.query, FILTERS)) if "before" in visit.query else None,
        "counts": [(status, counted(counts[status]), with_query(path, {"status": status})) for status in STATUSES],
        "any": any(counts.values()),
        "statuses": STATUSES,
        "refused": refused,
        "duration": span_text,
        "path": path,
        "start": start_run(sources.address.base(visit.call), visit.project),
    }
    return View("Runs", data, _api(visit), status=200 if refused is None else status_of(refused))


def read_filter(project: str, query: Mapping[str, str]) -> RunFilter | Rejected:
    """What the address asks for."""
    status = read_choice(query.get("status"), "status", STATUSES)
    period = read_period(query)
    after = read_position(query.get("before"))
    if isinstance(status, Rejected):
        return status
    if isinstance(period, Rejected):
        return period
    if isinstance(after, Rejected):
        return after
    return RunFilter(project, status, query.get("workflow"), period.since, period.until, after)


def older(path: str, query: Mapping[str, str], found: Sequence[RunRow]) -> str | None:
    """The page behind this one; None where there is none."""
    if len(found) <= PAGE_ROWS:
        return None
    last = found[PAGE_ROWS - 1]
    return with_query(path, {**kept(query, FILTERS), "before": encode_moment(last.started_at, last.id)})


def counted(count: int) -> str:
    """`12`, or `1,000+` where nobody counted further."""
    return f"{count_text(count)}+" if count >= MOST_COUNTED else count_text(count)


def _api(visit: Visit) -> str:
    asked = {"status": visit.query.get("status"), "workflow_type": visit.query.get("workflow")}
    return with_query(api_path(visit, "runs"), asked)


PAGES: Final[Sequence[Page]] = (
    Page(path="/projects/{project}/runs", template="runs.html", show=show_runs, section="runs", live=True),
)
