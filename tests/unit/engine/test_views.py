"""A run as the API answers it."""

from datetime import UTC, datetime

from services.engine.domain.commands import RecordStart, StartRun
from services.engine.domain.run_state import PathState, RunState, Wait
from services.engine.domain.states import WaitKind
from services.engine.domain.views import paths_view, run_view
from tests.unit.engine.live_run import PROJECT, RUN_ID, LiveRun, edge, spec, started, step

NO_WAITS = {
    "waiting_paths": 0,
    "kind_counts": {},
    "next_wake_at": None,
    "waiting_on_signal_names": [],
    "interaction_ids": [],
}


def test_an_active_inline_run() -> None:
    assert run_view(started(spec(step("a")), {"n": 1}).state) == {
        "id": RUN_ID,
        "queue": "default",
        "ephemeral": True,
        "workflow_name": "flow",
        "status": "active",
        "attempt": 1,
        "inputs": {"n": 1},
        "metadata": {},
        "tags": {},
        "source_type": "api",
        "path_counts": {"total": 1, "active": 1, "working": 1, "waiting": 0, "completed": 0, "failed": 0},
        "step_counts": {"pending": 1, "running": 0, "completed": 0, "failed": 0, "cancelled": 0},
        "job_counts": {"ready": 1, "scheduled": 0, "claimed": 0},
        "wait_summary": NO_WAITS,
        "errors": [],
        "created_at": "2030-01-31T09:30:01.000000Z",
        "started_at": "2030-01-31T09:30:01.000000Z",
        "updated_at": "2030-01-31T09:30:01.000000Z",
    }


def test_a_run_of_a_saved_workflow_says_which() -> None:
    run = LiveRun()
    run.tell(StartRun(RUN_ID, PROJECT, spec(step("a")), definition_id="wf_1", definition_version=2, external_id="x"))
    view = run_view(run.state)

    assert (view["ephemeral"], view["definition_id"], view["definition_version"]) == (False, "wf_1", 2)
    assert view["external_id"] == "x"


def test_a_failed_run_names_its_errors() -> None:
    run = started(spec(step("a", next=[edge("b"), edge("c", branch="x")]), step("b"), step("c")))
    run.complete("a")
    run.fail("c", path="x")
    view = run_view(run.state)

    assert (view["status"], view["error_type"]) == ("failed", "step_failed")
    assert view["error_message"] == "step 'c' failed with Boom: it broke"
    assert view["errors"] == [{"path_id": "x", "error_type": "Boom", "error_message": "it broke"}]
    assert view["completed_at"] == view["updated_at"] == "2030-01-31T09:30:03.000000Z"
    assert paths_view(run.state) == [
        {"path_id": "main", "state": "failed"},
        {"path_id": "x", "state": "failed", "error_type": "Boom", "error_message": "it broke"},
    ]


def test_job_counts_are_of_worker_steps_only() -> None:
    run = started(
        spec(step("a", next=[edge("b"), edge("c"), edge("d")]), step("b"), step("c"), step("d", action_kind="server"))
    )
    run.complete("a")
    claimed_at = datetime(2030, 1, 31, 9, 30, tzinfo=UTC)
    run.tell(RecordStart(run.open("b").invocation_id, "worker-1", claimed_at))

    assert run_view(run.state)["job_counts"] == {"ready": 1, "scheduled": 0, "claimed": 1}


def test_waits_are_summed_up() -> None:
    state = started(spec(step("a"))).state
    wake_at = datetime(2030, 2, 1, tzinfo=UTC)
    state = _waiting(state, "main", "sleep", wake_at=wake_at)
    state = _waiting(state, "x", "signal", subject="approved")
    state = _waiting(state, "y", "interaction", subject="int_1")

    assert run_view(state)["wait_summary"] == {
        "waiting_paths": 3,
        "kind_counts": {"interaction": 1, "signal": 1, "sleep": 1},
        "next_wake_at": "2030-02-01T00:00:00.000000Z",
        "waiting_on_signal_names": ["approved"],
        "interaction_ids": ["int_1"],
    }


def _waiting(
    state: RunState, path: str, kind: WaitKind, wake_at: datetime | None = None, subject: str | None = None
) -> RunState:
    wait = Wait(kind, "a", wake_at, subject)
    waiting = PathState(path, "waiting", state.paths["main"].variables, "a", waiting_on=wait)
    counts = state.path_counts._replace(waiting=state.path_counts.waiting + 1)
    return state._replace(paths=state.paths.set(path, waiting), path_counts=counts)
