"""Runs over HTTP: look at them, look at their steps, cancel them."""

from base64 import b64encode

from libs.chassis.clock import Clock
from libs.chassis.decider import Rejected
from libs.chassis.http import NOT_FOUND, Answer, Call, Empty, Json, Page, decode_cursor, encode_cursor
from libs.contracts.codec import JsonObject, dump_json
from services.engine.api.calls import context_of
from services.engine.api.models import RunsPage, StepQuery, StepsPage
from services.engine.api.paging import after_id, cut, page_view
from services.engine.domain.commands import CancelRun
from services.engine.domain.evolve import evolve
from services.engine.domain.history import History, StepRow, history_of
from services.engine.domain.run_state import RunState
from services.engine.domain.views import paths_view, run_view
from services.engine.store.changes import Changes
from services.engine.store.runs import Equal, Runs
from services.engine.store.workflows import Workflows

FIRST_STEPS = 50
"""Step rows that come with a run itself."""


class RunHandlers:
    """Answers GET and cancellations below `/runs`, and GET `/workflows/{id}/runs`."""

    def __init__(self, runs: Runs, workflows: Workflows, changes: Changes, clock: Clock) -> None:
        self._runs = runs
        self._workflows = workflows
        self._changes = changes
        self._clock = clock

    async def list(self, call: Call[None, RunsPage]) -> Answer:
        """One page, newest first."""
        query, before = call.query, after_id(call.query)
        if isinstance(before, Rejected):
            return before
        if query.parent_run_id is not None or query.forked_from is not None:
            return Json(200, page_view([], False, None))  # no run has a parent or an origin
        equal: Equal = {
            "status": query.status,
            "workflow_name": query.workflow_type,
            "queue": query.queue,
            "source_type": query.source_type,
            "source_id": query.source_id,
            "external_id": query.external_id,
        }
        return await self._page(call.project, query, equal)

    async def list_of_workflow(self, call: Call[None, Page]) -> Answer:
        """One page of one workflow's runs, newest first, or 404."""
        workflow_id = call.params["id"]
        if await self._workflows.find(call.project, workflow_id) is None:
            return NOT_FOUND
        return await self._page(call.project, call.query, {"definition_id": workflow_id})

    async def get(self, call: Call[None, None]) -> Answer:
        """200 with spec, paths and the first steps, or 404."""
        found = await self._history(call.project, call.params["id"])
        return NOT_FOUND if found is None else Json(200, _detail(*found))

    async def steps(self, call: Call[None, StepsPage]) -> Answer:
        """One page of step rows, in the order in which they were made."""
        query = call.query
        after = _position(query)
        if isinstance(after, Rejected):
            return after
        found = await self._history(call.project, call.params["id"])
        if found is None:
            return NOT_FOUND
        rows = [row for row in _in_order(found[1]) if row.transition_seq > after and _fits(row, query)]
        page, more = cut(rows, query.limit)
        last = page[-1].transition_seq if page else None
        return Json(200, page_view([row.wire() for row in page], more, last))

    async def step(self, call: Call[None, StepQuery]) -> Answer:
        """200 with one step row, or 404."""
        found = await self._history(call.project, call.params["id"])
        row = found[1].rows.get(call.params["step_id"]) if found else None
        return NOT_FOUND if row is None else Json(200, row.wire())

    async def cancel(self, call: Call[None, None]) -> Answer:
        """204, also when the run had ended before; 404 for no run."""
        state = await self._runs.state(call.params["id"])
        if state is None or state.facts.project != call.project:
            return NOT_FOUND
        context = context_of(call, self._clock, state.facts.run_id)
        refused = await self._changes.make(state, CancelRun(), context)
        return Empty(204) if refused is None else refused

    async def _page(self, project: str, query: Page, equal: Equal) -> Answer:
        before = after_id(query)
        if isinstance(before, Rejected):
            return before
        found = await self._runs.listed(project, before, equal, query.limit + 1)
        page, more = cut(found, query.limit)
        last = page[-1].facts.run_id if page else None
        return Json(200, page_view([run_view(state) for state in page], more, last))

    async def _history(self, project: str, run_id: str) -> tuple[RunState, History] | None:
        state: RunState | None = None
        events = await self._runs.events(run_id)
        if not events or events[0].project != project:
            return None
        for event in events:
            state = evolve(state, event)
        assert state is not None
        return state, history_of(events)


def _detail(state: RunState, history: History) -> JsonObject:
    rows = _in_order(history)
    page, more = cut(rows, FIRST_STEPS)
    view: JsonObject = {
        **run_view(state),
        "spec": state.facts.spec,
        "paths": paths_view(state),
        "steps": [row.wire() for row in page],
    }
    if more:
        view["steps_next_cursor"] = encode_cursor(page[-1].transition_seq)
    if state.ending is not None and state.ending.outputs is not None:
        view["result_b64"] = b64encode(dump_json(state.ending.outputs)).decode()
    return view


def _in_order(history: History) -> list[StepRow]:
    return sorted(history.rows.values(), key=lambda row: row.transition_seq)


def _fits(row: StepRow, query: StepsPage) -> bool:
    return (
        query.path_id in (None, row.path_id)
        and query.step_name in (None, row.step_name)
        and query.status in (None, row.status)
    )


def _position(query: StepsPage) -> int | Rejected:
    if query.cursor is None:
        return 0
    position = decode_cursor(query.cursor, [int])
    return position if isinstance(position, Rejected) else int(position[0])
