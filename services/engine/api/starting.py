"""Starting runs over HTTP: of a saved workflow, or of a spec that comes with the request."""

from dataclasses import dataclass
from functools import partial
from typing import TypeAlias

from libs.chassis.clock import Clock
from libs.chassis.db.errors import Unavailable
from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, Call, Json
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context
from libs.contracts.codec import JsonObject
from services.engine.api.calls import context_of
from services.engine.api.models import StartBoundBody, StartQuery, StartRunBody
from services.engine.api.waiting import RUN_ENDS, until_over
from services.engine.domain.commands import StartRun
from services.engine.domain.tags import merged
from services.engine.domain.views import run_view
from services.engine.domain.workflows import WorkflowState
from services.engine.store.actions import ActionBook
from services.engine.store.deciding import Change, change
from services.engine.store.definitions import Definitions
from services.engine.store.runs import Runs
from services.engine.store.starts import Stale, Start, StartDesk, Taken
from services.engine.store.watchers import Watchers

Starting: TypeAlias = Call[StartRunBody, StartQuery] | Call[StartBoundBody, StartQuery]

TRIES = 5
NO_WORKFLOW = "expected a workflow of this project, but there is none with this id"
NO_CONFIG = Rejected(
    "invalid_argument", "expected no config, but this version knows no settings of runs", field="config"
)


@dataclass(frozen=True, slots=True)
class _Wanted:
    """What is asked for: a saved workflow, or a spec."""

    workflow_id: str | None = None
    spec: JsonObject | None = None
    field: str | None = None


class StartHandlers:
    """Answers POST `/runs` and POST `/workflows/{id}/runs`."""

    def __init__(
        self,
        desk: StartDesk,
        definitions: Definitions,
        runs: Runs,
        actions: ActionBook,
        clock: Clock,
        watchers: Watchers,
    ) -> None:
        self._desk = desk
        self._definitions = definitions
        self._runs = runs
        self._actions = actions
        self._clock = clock
        self._watchers = watchers

    async def start(self, call: Call[StartRunBody, StartQuery]) -> Answer:
        """202 with the run, or with the active one that has the external id. With `wait_seconds` the answer waits for
        the run's end, and shows it as it stands then."""
        wanted = _wanted(call.body)
        return wanted if isinstance(wanted, Rejected) else await self._start(call, call.body, wanted)

    async def start_bound(self, call: Call[StartBoundBody, StartQuery]) -> Answer:
        """As `start`, of the workflow that the path names."""
        return await self._start(call, call.body, _Wanted(workflow_id=call.params["id"]))

    async def _start(self, call: Starting, body: StartBoundBody, wanted: _Wanted) -> Answer:
        if body.config:
            return NO_CONFIG
        run_id = new_id("run")
        context = context_of(call, self._clock, run_id)
        for _ in range(TRIES):
            start = await self._decide(run_id, body, wanted, context)
            if isinstance(start, Rejected):
                return start
            answer = await self._begin(start, call)
            if answer is not None:
                return answer
            self._definitions.drop(wanted.workflow_id or "")
        raise Unavailable(f"expected to start {run_id} within {TRIES} tries, but its workflow changed each time")

    async def _begin(self, start: Start, call: Starting) -> Answer | None:
        """None when the workflow has changed since the start was decided."""
        state = start.change.state
        with self._watchers.watching(state.facts.run_id, RUN_ENDS) as watch:
            outcome = await self._desk.begin(start)
            if isinstance(outcome, Taken):
                return await self._existing(outcome, call.body.external_id)
            if isinstance(outcome, Stale):
                return None
            if call.query.wait_seconds:
                watch.begin(state.version)
                state = await until_over(watch, self._runs, call) or state
        return Json(202, run_view(state))

    async def _decide(self, run_id: str, body: StartBoundBody, wanted: _Wanted, context: Context) -> Start | Rejected:
        workflow = await self._workflow(context.project, wanted)
        if isinstance(workflow, Rejected):
            return workflow
        command = _command(run_id, context.project, body, wanted, workflow)
        made = await self._actions.decided(partial(change, None, run_id, command, context, self._actions))
        if isinstance(made, Rejected):
            return made
        assert isinstance(made, Change), "expected a start to change something"
        return Start(made, None if workflow is None else (workflow.workflow_id, workflow.version))

    async def _workflow(self, project: str, wanted: _Wanted) -> WorkflowState | Rejected | None:
        if wanted.workflow_id is None:
            return None
        found = await self._definitions.find(project, wanted.workflow_id)
        return Rejected("not_found", NO_WORKFLOW, field=wanted.field) if found is None else found

    async def _existing(self, taken: Taken, external_id: str | None) -> Answer:
        state = await self._runs.state(taken.run_id) if taken.status == "active" else None
        if state is not None:
            return Json(202, run_view(state))
        sentence = f"expected an external_id of its own, but the run {taken.run_id} had it and is {taken.status}"
        details = {"existing_run_id": taken.run_id, "status": taken.status, "external_id": external_id}
        return Rejected("already_exists", sentence, "external_id", "external_id_conflict", details)


def _wanted(body: StartRunBody) -> _Wanted | Rejected:
    needed, other = ("definition_id", "spec") if body.mode == "saved" else ("spec", "definition_id")
    if getattr(body, needed) is None:
        return Rejected("invalid_argument", f"expected {needed} in mode {body.mode}, but it is missing", needed)
    if getattr(body, other) is not None:
        return Rejected("invalid_argument", f"expected no {other} in mode {body.mode}, but there is one", other)
    return _Wanted(workflow_id=body.definition_id, spec=body.spec, field="definition_id")


def _command(
    run_id: str, project: str, body: StartBoundBody, wanted: _Wanted, workflow: WorkflowState | None
) -> StartRun:
    return StartRun(
        run_id=run_id,
        project=project,
        spec=workflow.spec if workflow else wanted.spec or {},
        workflow_name=workflow.name if workflow else None,
        definition_id=workflow.workflow_id if workflow else None,
        definition_version=workflow.latest_version if workflow else None,
        queue="default" if body.queue is None else body.queue,
        inputs=body.inputs or {},
        metadata=body.metadata or {},
        tags=merged(workflow.tags if workflow else {}, body.tags or {}),
        external_id=body.external_id,
        dry_run=body.dry_run,
    )
