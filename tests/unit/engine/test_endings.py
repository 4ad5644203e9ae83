"""How runs end before their time: a step that failed for good, a path that cannot go on, somebody who cancels."""

import pytest

from libs.contracts.envelope import encode
from libs.contracts.events.engine import PathError, RunFailed
from services.engine.domain import scheduling
from services.engine.domain.commands import CancelRun, RecordFailure, RecordResult
from services.engine.domain.decide import Ignored
from services.engine.domain.run_state import PathCounts, StepCounts
from tests.unit.engine.live_run import LiveRun, edge, end, failure, spec, started, step

THREE_WAYS = spec(
    step("a", next=[edge("b"), edge("c", branch="left"), edge("d", branch="right")]),
    step("b"),
    step("c"),
    step("d", next=[edge("e")]),
    step("e", parameters={"x": "${inputs.nowhere}"}),
)


def three_ways() -> LiveRun:
    run = started(THREE_WAYS)
    run.complete("a")
    return run


def test_a_failed_step_fails_the_run_and_closes_the_others() -> None:
    run = three_ways()
    others = sorted([run.open("b").invocation_id, run.open("d", "right").invocation_id])
    failed = failure(run.fail("c", "Unreadable", path="left"))

    assert (failed.error_type, failed.error_message) == ("Unreadable", "it broke")
    assert end(run) == RunFailed(
        error_type="step_failed",
        error_message="step 'c' failed with Unreadable: it broke",
        errors=[PathError(path="left", step="c", error_type="Unreadable", error_message="it broke")],
        closed=others,
    )


def test_nothing_stays_open_after_a_failure() -> None:
    run = three_ways()
    run.complete("b")
    run.fail("c", path="left")

    assert not run.state.open
    assert run.state.steps == StepCounts(completed=2, failed=1, cancelled=1)
    assert run.state.path_counts == PathCounts(completed=1, failed=2)
    assert run.state.paths["left"].error is not None
    assert run.state.paths["right"].error is None


def test_a_step_that_cannot_follow_fails_after_the_result_is_kept() -> None:
    run = three_ways()
    run.complete("d", path="right")

    assert run.types[-3:] == ["step.completed", "step.failed", "run.failed"]
    failed = failure([event.data for event in run.events[-2:]])
    assert (failed.path, failed.step, failed.invocation_id) == ("right", "e", None)
    assert failed.error_type == "expression_error"
    assert run.state.steps == StepCounts(completed=2, failed=1, cancelled=2)


def test_what_is_scheduled_before_the_failure_is_closed_with_it() -> None:
    flow = spec(step("a", next=[edge("b"), edge("c")]), step("b"), step("c", parameters={"x": "${inputs.nowhere}"}))
    run = started(flow)
    run.complete("a")

    assert run.types[-4:] == ["step.completed", "step.scheduled", "step.failed", "run.failed"]
    ended = end(run)
    assert isinstance(ended, RunFailed)
    assert ended.closed == [run.scheduled[-1].invocation_id]


def test_cancelling_closes_everything_that_is_open() -> None:
    run = three_ways()
    open_ones = sorted(run.state.open)
    run.tell(CancelRun("no longer needed"))

    assert end(run) == RunFailed(error_type="run_cancelled", error_message="no longer needed", closed=open_ones)
    assert run.state.path_counts == PathCounts(failed=3)
    assert run.state.steps == StepCounts(completed=1, cancelled=3)


def test_a_result_after_the_end_is_ignored() -> None:
    run = three_ways()
    late = run.open("b").invocation_id
    run.tell(CancelRun())
    before = run.state
    decision = run.tell(RecordResult(late, {"too": "late"}))

    assert isinstance(decision, Ignored)
    assert decision.reason == "run_ended"
    assert run.state is before


def test_a_result_counts_once() -> None:
    run = three_ways()
    once = RecordResult(run.open("b").invocation_id, 1)
    assert run.tell(once)
    again = run.tell(once)

    assert isinstance(again, Ignored)
    assert again.reason == "not_open"


def test_endless_words_of_a_worker_are_cut() -> None:
    run = started(spec(step("a")))
    run.tell(RecordFailure(run.open("a").invocation_id, "T" * 1_000, "m" * 1_000_000))
    failed = failure([event.data for event in run.events])

    assert failed.error_type == "T" * 128
    assert failed.error_message == "m" * 2_048 + "…"
    assert len(encode(run.events[-1])) < 10_000


def test_a_run_does_not_go_on_for_ever(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(scheduling, "STEPS_PER_RUN", 5)
    run = started(spec(step("a", next=[edge("a")])))
    for _ in range(4):
        run.complete("a")
    failed = failure(run.complete("a"))

    assert (failed.error_type, failed.attempt) == ("fatal_error", 6)
    assert len(run.scheduled) == 5
    assert run.state.is_over
