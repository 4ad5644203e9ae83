"""What is decided in memory is what the journal's bytes tell again."""

from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, Entry
from libs.contracts.codec import JsonObject
from libs.contracts.events.engine import StepScheduled
from libs.contracts.registry import decode
from services.engine.domain.commands import CancelRun, RecordFailure, RecordResult, RecordStart, RunCommand, StartRun
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState
from services.engine.store.actions import ActionBook
from services.engine.store.deciding import Change, change
from tests.doubles.clock import NOON
from tests.unit.engine.test_action_book import own

SPEC: JsonObject = {
    "name": "w",
    "outputs": [{"name": "first", "variable": "a"}],
    "steps": [
        {"name": "one", "action": "work", "store": "a", "next": [{"step": "two"}, {"step": "two", "branch": "side"}]},
        {"name": "two", "action": "work", "parameters": {"given": "${state.a}"}, "store": "b"},
    ],
}


class Committed:
    """A run as one process keeps it, beside what it has written."""

    def __init__(self) -> None:
        self.run_id = new_id("run")
        self.state: RunState | None = None
        self.written: list[Entry] = []
        self._actions = ActionBook({"p/work": own("work")}, {}, self._no_look)

    async def _no_look(self) -> None:
        pass

    def tell(self, command: RunCommand) -> Change | None:
        context = Context(service="engine", project="p", now=NOON, correlation=self.run_id)
        made = change(self.state, self.run_id, command, context, self._actions)
        if not isinstance(made, Change):
            return None
        self.state = made.state
        self.written += made.entries
        return made

    def read_back(self) -> RunState | None:
        state: RunState | None = None
        for entry in self.written:
            state = evolve(state, decode(entry.raw))
        return state

    def invocation(self, place: int) -> str:
        scheduled = [entry.event.data for entry in self.written if isinstance(entry.event.data, StepScheduled)]
        return scheduled[place].invocation_id


def begun() -> Committed:
    run = Committed()
    assert run.tell(StartRun(run.run_id, "p", SPEC, inputs={"n": 1.0, "m": 2})) is not None
    return run


def test_a_run_to_its_end_is_the_same_in_memory_and_read_back() -> None:
    run = begun()
    assert run.read_back() == run.state
    assert run.tell(RecordStart(run.invocation(0), "worker", NOON)) is not None
    for place in range(3):
        run.tell(RecordResult(run.invocation(place), {"x": [1, 1.0, None]}, NOON))
        assert run.read_back() == run.state
    assert run.state is not None
    assert run.state.status == "completed"
    assert [entry.event.sequence for entry in run.written] == list(range(1, run.state.version + 1))


def test_a_failure_and_a_cancellation_are_the_same_read_back() -> None:
    failed, cancelled = begun(), begun()
    failed.tell(RecordFailure(failed.invocation(0), "Boom", "no", {"why": 1.5}))
    cancelled.tell(CancelRun())
    for run in (failed, cancelled):
        assert run.state is not None
        assert run.state.status == "failed"
        assert run.read_back() == run.state


def test_what_comes_late_changes_nothing() -> None:
    run = begun()
    assert run.tell(RecordResult("job_unknown", None)) is None
    run.tell(CancelRun())
    assert run.tell(CancelRun()) is None
    assert run.tell(RecordResult(run.invocation(0), None)) is None
