"""Random workflows, executed by the engine's domain and by the reference interpreter side by side."""

from random import Random

from hypothesis import event as note
from hypothesis import given, settings
from hypothesis import strategies as st

from libs.contracts.codec import Json, dump_json
from libs.contracts.envelope import encode
from libs.contracts.registry import decode
from services.engine.domain.commands import CancelRun, RecordFailure, RecordResult
from services.engine.domain.decide import Ignored
from services.engine.domain.evolve import evolve
from services.engine.domain.history import history_of
from services.engine.domain.run_state import RunState
from services.engine.domain.views import run_view
from tests.properties.engine.random_specs import Case, cases
from tests.properties.engine.reference_interpreter import ReferenceRun
from tests.unit.engine.live_run import PROJECT, RUN_ID, LiveRun

STEPS_AT_MOST = 30
RESULTS: list[Json] = [None, True, 0, 1, 1.0, -3.5, "text", "", [1, "a"], {"p": {"q": 1.0}}]


@settings(max_examples=150, deadline=None)
@given(cases(), st.integers(0, 2**32), st.booleans())
def test_a_random_graph_runs_as_the_reference_says(case: Case, seed: int, failures: bool) -> None:
    live, reference = side_by_side(case, seed, failures)

    note(f"{live.state.status} after {min(len(live.scheduled), 6)}")
    check_agreement(live, reference)
    check_stream(live)


@settings(max_examples=75, deadline=None)
@given(cases(loops=True), st.integers(0, 2**32))
def test_loops_run_as_the_reference_says_until_they_are_cancelled(case: Case, seed: int) -> None:
    live, reference = side_by_side(case, seed, failures=False)

    check_agreement(live, reference)
    check_stream(live)


def side_by_side(case: Case, seed: int, failures: bool) -> tuple[LiveRun, ReferenceRun]:
    """Both, driven by the same chance to the end; every step that one of them waits for, the other waits for too."""
    chance = Random(seed)
    live = LiveRun()
    live.start(case.spec, case.inputs)
    reference = ReferenceRun(case.spec, case.inputs, live.state.facts.variables)
    reference.begin()
    for _ in range(STEPS_AT_MOST):
        if live.state.is_over:
            break
        assert live.open_steps == reference.open
        path, step = chance.choice(sorted(live.open_steps))
        if failures and chance.random() < 0.05:
            live.fail(step, "Unlucky", path)
            reference.fail(path, step, "Unlucky")
        else:
            result = chance.choice(RESULTS)
            live.complete(step, result, path)
            reference.complete(path, step, result)
    if not live.state.is_over:
        live.tell(CancelRun())
        reference.cancel()
    return live, reference


def check_agreement(live: LiveRun, reference: ReferenceRun) -> None:
    state = live.state
    assert state.is_over
    assert state.ending is not None
    assert state.status == reference.status
    assert same(state.ending.outputs, reference.outputs)
    asked = [(one.path, one.step, one.parameters) for one in live.scheduled]
    assert same(asked, [(one.path, one.step, one.parameters) for one in reference.executed])
    assert [(one.path, one.step, one.error_type) for one in state.ending.errors] == reference.failed
    assert set(state.paths) == set(reference.states)


def check_stream(live: LiveRun) -> None:
    """One terminal event, the last one; no gaps; a replay from the bytes gives the live state; late results change
    nothing; the rows for readers count as the state does."""
    assert [event.sequence for event in live.events] == list(range(1, len(live.events) + 1))
    assert [event.type in {"run.completed", "run.failed"} for event in live.events] == [
        *([False] * (len(live.events) - 1)),
        True,
    ]
    replayed = replay([encode(event) for event in live.events])
    assert replayed == live.state
    assert run_view(replayed) == run_view(live.state)
    assert len({one.invocation_id for one in live.scheduled}) == len(live.scheduled)
    for one in live.scheduled:
        assert isinstance(live.tell(RecordResult(one.invocation_id, None)), Ignored)
        assert isinstance(live.tell(RecordFailure(one.invocation_id, "Late", "late")), Ignored)
    statuses = [row.status for row in history_of(live.events).rows.values()]
    counts: dict[str, int] = dict(live.state.steps._asdict())
    assert {name: [*statuses].count(name) for name in counts} == counts  # type: ignore[arg-type]


def replay(stream: list[bytes]) -> RunState:
    state: RunState | None = None
    for raw in stream:
        state = evolve(state, decode(raw))
    assert state is not None
    assert (state.facts.run_id, state.facts.project) == (RUN_ID, PROJECT)
    return state


def same(one: object, other: object) -> bool:
    """Equal as JSON: 1 is not 1.0, and the order of an object's fields does not matter."""
    return _canonical(one) == _canonical(other)


def _canonical(value: object) -> object:
    if isinstance(value, dict):
        return {name: _canonical(item) for name, item in value.items()}
    if isinstance(value, list | tuple):
        return [_canonical(item) for item in value]
    return dump_json(value)
