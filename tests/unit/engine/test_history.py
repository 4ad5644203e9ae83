"""The rows that readers see: one per step attempt, moved by events, as the wire has them."""

from base64 import b64decode
from datetime import UTC, datetime

from services.engine.domain.commands import CancelRun, RecordFailure, RecordResult, RecordStart
from services.engine.domain.history import History, StepRow, history_of
from services.engine.domain.invocation_ids import step_id
from tests.unit.engine.live_run import RUN_ID, LiveRun, edge, spec, started, step

CLAIMED_AT = datetime(2030, 1, 31, 9, 30, 1, 250_000, tzinfo=UTC)


def rows(run: LiveRun) -> list[StepRow]:
    return list(history_of(run.events).rows.values())


def test_a_scheduled_worker_step_is_pending() -> None:
    run = started(spec(step("a", parameters={"n": "${inputs.n}"})), {"n": 1})

    assert [row.wire() for row in rows(run)] == [
        {
            "id": step_id(RUN_ID, "main", "a", 1),
            "run_id": RUN_ID,
            "path_id": "main",
            "step_name": "a",
            "action": "work",
            "attempt": 0,
            "transition_seq": 2,
            "kind": "worker_action",
            "source": "executed",
            "status": "pending",
            "parameters": {"n": 1},
            "job_id": run.scheduled[0].invocation_id,
            "created_at": "2030-01-31T09:30:01.000000Z",
            "updated_at": "2030-01-31T09:30:01.000000Z",
        }
    ]


def test_a_server_step_has_no_job() -> None:
    row = rows(started(spec(step("a", action_kind="server"))))[0].wire()

    assert row["kind"] == "server_action"
    assert "job_id" not in row


def test_a_claimed_step_is_running() -> None:
    run = started(spec(step("a")))
    run.tell(RecordStart(run.open("a").invocation_id, "worker-1", CLAIMED_AT))
    row = rows(run)[0].wire()

    assert row["status"] == "running"
    assert row["started_at"] == "2030-01-31T09:30:01.250000Z"
    assert row["updated_at"] == "2030-01-31T09:30:02.000000Z"


def test_a_completed_step_carries_its_result() -> None:
    run = started(spec(step("a")))
    run.tell(RecordResult(run.open("a").invocation_id, {"text": "ü", "n": 1.0, "none": None}, CLAIMED_AT))
    row = rows(run)[0].wire()

    assert row["status"] == "completed"
    assert b64decode(str(row["result_b64"])) == '{"text":"ü","n":1.0,"none":null}'.encode()
    assert row["started_at"] == "2030-01-31T09:30:01.250000Z"
    assert row["completed_at"] == "2030-01-31T09:30:02.000000Z"


def test_a_failed_step_carries_its_error() -> None:
    run = started(spec(step("a")))
    run.tell(RecordFailure(run.open("a").invocation_id, "Boom", "it broke"))
    row = rows(run)[0].wire()

    assert (row["status"], row["error_type"], row["error_message"]) == ("failed", "Boom", "it broke")
    assert row["completed_at"] == "2030-01-31T09:30:02.000000Z"


def test_a_step_that_could_not_be_scheduled_has_a_row_too() -> None:
    run = started(spec(step("a", action_kind="server", parameters={"x": "${inputs.nowhere}"})))
    row = rows(run)[0]

    assert (row.status, row.kind, row.action, row.transition_seq) == ("failed", "server_action", "work", 2)
    assert (row.job_id, row.parameters) == (None, {})


def test_the_end_of_the_run_cancels_what_was_open() -> None:
    run = started(spec(step("a", next=[edge("b"), edge("c")]), step("b"), step("c")))
    run.complete("a")
    run.tell(CancelRun())

    assert {row.step_name: row.status for row in rows(run)} == {"a": "completed", "b": "cancelled", "c": "cancelled"}


def test_rows_keep_the_order_in_which_they_came() -> None:
    run = started(spec(step("a"), step("b"), step("c")))
    run.complete("a")
    run.complete("b")

    assert [(row.step_name, row.transition_seq) for row in rows(run)] == [("a", 2), ("b", 4), ("c", 6)]


def test_every_attempt_has_a_row() -> None:
    run = started(spec(step("a", store="n", next=[edge("a", "state.n < 2")])))
    run.complete("a", 1)
    run.complete("a", 2)

    assert [(row.attempt, row.status) for row in rows(run)] == [(0, "completed"), (1, "completed")]
    assert len({row.id for row in rows(run)}) == 2


def test_each_event_tells_which_rows_it_changed() -> None:
    run = started(spec(step("a"), step("b")))
    run.complete("a")
    run.fail("b")
    history = History()

    assert [[row.step_name for row in history.add(event)] for event in run.events] == [
        [],
        ["a"],
        ["a"],
        ["b"],
        ["b"],
        [],
    ]


def test_the_counts_of_the_state_are_the_counts_of_the_rows() -> None:
    run = started(spec(step("a", next=[edge("b"), edge("c"), edge("d")]), step("b"), step("c"), step("d")))
    run.complete("a")
    run.tell(RecordStart(run.open("b").invocation_id, "worker-1", CLAIMED_AT))
    statuses = [row.status for row in rows(run)]

    assert {name: statuses.count(name) for name in run.state.steps._fields} == run.state.steps._asdict()  # type: ignore[arg-type]
