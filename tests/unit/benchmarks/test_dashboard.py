"""The pure parts of the dashboard's benchmark: what is said of long runs, and what becomes of what was measured."""

from collections import Counter
from datetime import UTC, datetime

import pytest

from libs.contracts.events.engine import StepCompleted, StepFailed, StepScheduled, StepStarted, WorkflowCreated
from tests.benchmarks.dashboard.filling import stretches
from tests.benchmarks.dashboard.measuring import Taken
from tests.benchmarks.dashboard.report import page_row, percentile
from tests.benchmarks.dashboard.sizes import Sizes, action_name
from tests.benchmarks.dashboard.stories import LOOP_STEPS, RUNNING, linear_run, looping_run, workflows

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def test_a_linear_run_takes_each_step_once() -> None:
    said = [one.event.data for one in linear_run("default", 200, 10, NOW)]
    scheduled = [one.step for one in said if isinstance(one, StepScheduled)]
    assert len(scheduled) == len(set(scheduled)) == 200
    kinds = Counter(type(one) for one in said)
    assert (kinds[StepCompleted], kinds[StepFailed], kinds[StepStarted]) == (191, 1, RUNNING)


def test_a_looping_run_takes_few_steps_often() -> None:
    said = [one.event.data for one in looping_run("default", 200, 10, NOW)]
    attempts = Counter(one.step for one in said if isinstance(one, StepScheduled))
    assert set(attempts.values()) == {200 // LOOP_STEPS}
    invocations = {one.invocation_id for one in said if isinstance(one, StepScheduled)}
    assert len(invocations) == 200


def test_events_of_a_run_are_numbered_and_never_go_back() -> None:
    events = [one.event for one in linear_run("default", 50, 10, NOW)]
    assert [one.sequence for one in events] == list(range(1, len(events) + 1))
    assert [one.time for one in events] == sorted(one.time for one in events)


def test_every_action_is_used_by_two_workflows() -> None:
    named = Counter[str]()
    for one in workflows("default", 20, NOW):
        assert isinstance(one.event.data, WorkflowCreated)
        steps = one.event.data.spec["steps"]
        assert isinstance(steps, list)
        named.update(str(step["action"]) for step in steps if isinstance(step, dict))
    assert named == {action_name(number): 2 for number in range(20)}


@pytest.mark.parametrize(
    ("total", "expected"), [(250, [(1, 100), (101, 200), (201, 250)]), (100, [(1, 100)]), (1, [(1, 1)])]
)
def test_stretches_cover_every_number_once(total: int, expected: list[tuple[int, int]]) -> None:
    assert stretches(total, 100) == expected


def test_a_percentile_is_one_of_the_values() -> None:
    values = [float(value) for value in range(100, 0, -1)]
    assert (percentile(values, 0.5), percentile(values, 0.95), percentile(values, 0.99)) == (51.0, 96.0, 100.0)
    assert percentile([7.0], 0.99) == 7.0


@pytest.mark.parametrize(("target", "met", "wanted"), [(20.0, True, "≤ 20"), (19.0, False, "≤ 19"), (None, None, "")])
def test_a_page_is_held_against_its_target_by_its_median(target: float | None, met: bool | None, wanted: str) -> None:
    row = page_row("a page", target, Taken(page=[10.0, 20.0, 400.0], raw=[5.0, 4.0, 6.0], size=12_300))
    assert (row.p50, row.raw, row.ratio, row.kilobytes, row.met) == (20.0, 5.0, 4.0, 12.3, met)
    assert row.cells[-2] == wanted


def test_the_sentence_names_what_was_measured() -> None:
    assert Sizes(actions=10, invocations=2_000, runs=30, steps=40, requests=5).sentence == (
        "10 actions, 2,000 invocations, 30 runs, runs of 40 attempts; 5 requests for each page"
    )
