"""The fold: what it leaves alone, and that a step costs the same however many came before."""

import sys
from collections.abc import Callable
from types import FrameType

import pytest

from libs.contracts.codec import Json
from libs.contracts.envelope import Event
from libs.contracts.events.engine import StepProgressed, WorkflowCreated
from services.engine.domain.evolve import evolve
from services.engine.domain.expressions import Expression
from tests.unit.engine.live_run import PROJECT, RUN_ID, START, LiveRun, edge, spec, started, step


def test_an_event_without_a_meaning_changes_the_version_only() -> None:
    run = started(spec(step("a")))
    data = StepProgressed(path="main", step="a", invocation_id="job_x", name="n", payload={})
    changed = evolve(run.state, Event("/mobius/engine", RUN_ID, 3, RUN_ID, PROJECT, START, data))

    assert changed == run.state._replace(version=3, updated_at=START)


def test_a_stream_begins_with_its_start() -> None:
    data = StepProgressed(path="main", step="a", invocation_id="job_x", name="n", payload={})

    with pytest.raises(AssertionError, match=r"expected run\.started first"):
        evolve(None, Event("/mobius/engine", RUN_ID, 1, RUN_ID, PROJECT, START, data))


def test_an_event_of_another_kind_is_no_matter() -> None:
    run = started(spec(step("a")))
    data = WorkflowCreated(workflow_id="wf_1", name="n", handle="n", spec={}, created_by="key_1")
    changed = evolve(run.state, Event("/mobius/engine", RUN_ID, 3, RUN_ID, PROJECT, START, data))

    assert changed.open == run.state.open


def test_a_fold_evaluates_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    flow = spec(
        step("a", store="v", parameters={"x": "${inputs.n + 1}"}, next=[edge("b", "state.v > 1")]),
        step("b", parameters={"x": "${state.v}"}),
    )
    run = started(flow, {"n": 1})
    run.complete("a", 2)
    run.complete("b")

    def refuse(*_: object) -> Json:
        raise AssertionError("a fold evaluated an expression")

    monkeypatch.setattr(Expression, "evaluate", refuse)
    state = None
    for event in run.events:
        state = evolve(state, event)

    assert state == run.state


def test_states_before_are_left_as_they_were() -> None:
    run = started(spec(step("a", store="v"), step("b")))
    before = run.state
    run.complete("a", 1)

    assert dict(before.paths["main"].variables) == {}
    assert [one.step for one in before.open.values()] == ["a"]
    assert [one.step for one in run.state.open.values()] == ["b"]


def test_a_late_step_costs_what_an_early_one_costs() -> None:
    """Counted in calls, not in time: the ten-thousandth step makes as many as the tenth."""
    length = 10_000
    steps = [step(f"s{number}", store="last", parameters={"n": "${inputs.n}"}) for number in range(length)]
    run = LiveRun()
    run.start(spec(*steps), {"n": 1}, definition_id="wf_1")
    calls: dict[int, int] = {}
    for number in range(length - 1):
        if number in {10, length // 2, length - 10}:
            calls[number] = _calls(lambda number=number: run.complete(f"s{number}", number))  # type: ignore[misc]
        else:
            run.complete(f"s{number}", number)

    assert run.state.scheduled == length
    assert max(calls.values()) <= min(calls.values()) + 5
    assert (len(run.state.open), len(run.state.attempts), len(run.state.paths)) == (1, 0, 1)


def test_only_steps_that_can_repeat_are_counted() -> None:
    run = started(spec(step("a", next=[edge("b")]), step("b", next=[edge("b", "false"), edge("c")]), step("c")))
    run.complete("a")
    run.complete("b")

    assert set(run.state.attempts) == {("main", "b"), ("main", "c")}


def _calls(action: Callable[[], object]) -> int:
    """How many Python and C calls an action makes."""
    made = 0

    def count(_frame: FrameType, event: str, _argument: object) -> None:
        nonlocal made
        made += event in {"call", "c_call"}

    sys.setprofile(count)
    try:
        action()
    finally:
        sys.setprofile(None)
    return made
