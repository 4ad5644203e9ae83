"""Dry runs: what may change something is decided as ever, and carried out by nobody."""

from collections.abc import Mapping

from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import Annotations
from libs.contracts.events.engine import RunCompleted, RunFailed, StepCompleted
from services.engine.domain.actions import ActionContract
from services.engine.domain.commands import StartRun
from services.engine.domain.limits import SIMULATED_AT_ONCE
from services.engine.domain.views import run_view
from tests.unit.engine.live_run import CATALOG, PROJECT, RUN_ID, LiveRun, edge, end, spec, step

READS: Mapping[str, ActionContract] = {
    **CATALOG,
    "read": ActionContract("read", annotations=Annotations(read_only=True), endpoint_url="https://example.test/read"),
}


def dry(spec: JsonObject) -> LiveRun:
    run = LiveRun(READS)
    run.tell(StartRun(RUN_ID, PROJECT, spec, inputs={"n": 3}, dry_run=True))
    return run


def test_a_step_that_may_change_something_is_completed_without_anybody() -> None:
    run = dry(spec(step("one", store="a"), outputs=[{"name": "a", "variable": "a"}]))

    assert run.types == ["run.started", "step.scheduled", "step.completed", "run.completed"]
    assert [(one.dry_run, one.simulated) for one in run.scheduled] == [(True, True)]
    assert end(run) == RunCompleted(outputs={"a": None})
    assert run_view(run.state)["dry_run"] is True


def test_a_step_that_only_reads_is_carried_out_and_told_that_the_run_is_dry() -> None:
    run = dry(spec(step("one", "read", next=[edge("two")]), step("two")))

    assert run.open_steps == {("main", "one")}
    assert [(one.dry_run, one.simulated) for one in run.scheduled] == [(True, None)]
    run.complete("one", "seen")
    assert [one.simulated for one in run.scheduled] == [None, True]
    assert run.state.status == "completed"


def test_a_run_that_is_not_dry_simulates_nothing_and_says_nothing_of_it() -> None:
    run = LiveRun(READS)
    run.start(spec(step("one")))

    assert [(one.dry_run, one.simulated) for one in run.scheduled] == [(False, None)]
    assert "dry_run" not in run_view(run.state)


def test_parallel_paths_are_simulated_each_and_the_run_ends_once() -> None:
    run = dry(spec(step("one", next=[edge("two"), edge("three", branch="side")]), step("two"), step("three")))

    assert [one.step for one in run.scheduled] == ["one", "two", "three"]
    assert run.types.count("run.completed") == 1
    assert run.types[-1] == "run.completed"


def test_parameters_that_the_action_refuses_fail_a_dry_run_as_any_other() -> None:
    run = dry(
        spec(
            step("one", next=[edge("two"), edge("three", branch="side")]),
            step("two", "summarize-document", parameters={"doc_id": "${inputs.n}"}),
            step("three"),
        )
    )

    failed = end(run)
    assert isinstance(failed, RunFailed)
    assert failed.errors[0].error_type == "contract_violation"
    assert run.types[-1] == "run.failed"
    assert "three" not in [one.step for one in run.scheduled]


def test_a_condition_that_cannot_be_answered_without_results_fails_the_simulated_step() -> None:
    run = dry(spec(step("one", store="a", next=[edge("two", "state.a.ok")]), step("two")))

    failed = end(run)
    assert isinstance(failed, RunFailed)
    assert failed.errors[0].error_type == "expression_error"
    assert not run.state.open


def test_a_loop_of_simulated_steps_comes_to_an_end() -> None:
    run = dry(spec(step("one", next=[edge("two")]), step("two", next=[edge("one")])))

    failed = end(run)
    assert isinstance(failed, RunFailed)
    assert failed.errors[0].error_type == "fatal_error"
    assert f"at most {SIMULATED_AT_ONCE} simulated steps" in failed.errors[0].error_message
    assert sum(isinstance(event.data, StepCompleted) for event in run.events) == SIMULATED_AT_ONCE
