"""Every command meets every situation: the legal arrows of the tables, and that nothing else changes anything."""

from collections.abc import Callable, Mapping
from datetime import UTC, datetime

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.events.engine import StepProgressed, StepStarted
from services.engine.domain.commands import (
    CancelRun,
    RecordFailure,
    RecordProgress,
    RecordResult,
    RecordStart,
    RunCommand,
    StartRun,
)
from services.engine.domain.decide import Ignored
from services.engine.domain.invocation_ids import invocation_id
from services.engine.domain.states import PATH, RUN, STEP, TERMINAL
from tests.unit.engine.live_run import PROJECT, RUN_ID, LiveRun, spec, step

JOB = invocation_id("worker", RUN_ID, "main", "a", 1)
CLAIMED_AT = datetime(2030, 1, 31, 9, 30, 0, 5, tzinfo=UTC)
FLOW = spec(step("a"), step("b"))

COMMANDS: Mapping[str, RunCommand] = {
    "start the run": StartRun(RUN_ID, PROJECT, FLOW),
    "record start": RecordStart(JOB, "worker-1", CLAIMED_AT),
    "record progress": RecordProgress(JOB, "halfway", {"percent": 50}),
    "record result": RecordResult(JOB, {"ok": True}, CLAIMED_AT),
    "record failure": RecordFailure(JOB, "Boom", "it broke", {"line": 7}, CLAIMED_AT),
    "record result of another": RecordResult("job_other", None),
    "cancel": CancelRun("no longer needed"),
}


def _nothing() -> LiveRun:
    return LiveRun()


def _pending() -> LiveRun:
    run = LiveRun()
    run.start(FLOW)
    return run


def _after(*names: str) -> Callable[[], LiveRun]:
    def situation() -> LiveRun:
        run = _pending()
        for name in names:
            assert run.tell(COMMANDS[name])
        return run

    return situation


def _completed() -> LiveRun:
    run = _after("record result")()
    run.complete("b")
    return run


SITUATIONS: Mapping[str, Callable[[], LiveRun]] = {
    "no run": _nothing,
    "step pending": _pending,
    "step running": _after("record start"),
    "step completed": _after("record result"),
    "run completed": _completed,
    "run failed": _after("record failure"),
    "run cancelled": _after("cancel"),
}

ARROWS: Mapping[tuple[str, str], list[str]] = {
    ("no run", "start the run"): ["run.started", "step.scheduled"],
    ("step pending", "record start"): ["step.started"],
    ("step pending", "record progress"): ["step.progressed"],
    ("step pending", "record result"): ["step.completed", "step.scheduled"],
    ("step pending", "record failure"): ["step.failed", "run.failed"],
    ("step pending", "cancel"): ["run.failed"],
    ("step running", "record progress"): ["step.progressed"],
    ("step running", "record result"): ["step.completed", "step.scheduled"],
    ("step running", "record failure"): ["step.failed", "run.failed"],
    ("step running", "cancel"): ["run.failed"],
    ("step completed", "cancel"): ["run.failed"],
}
"""Every arrow there is; all other pairs change nothing."""

ENDED = ("run completed", "run failed", "run cancelled")


@pytest.mark.parametrize(("situation", "command"), ARROWS)
def test_a_legal_arrow_is_taken(situation: str, command: str) -> None:
    run = SITUATIONS[situation]()
    decision = run.tell(COMMANDS[command])

    assert not isinstance(decision, Rejected)
    assert [payload.type for payload in decision] == ARROWS[situation, command]


@pytest.mark.parametrize(
    ("situation", "command"),
    [(situation, command) for situation in SITUATIONS for command in COMMANDS if (situation, command) not in ARROWS],
)
def test_anything_else_changes_nothing(situation: str, command: str) -> None:
    run = SITUATIONS[situation]()
    events = [*run.events]
    decision = run.tell(COMMANDS[command])

    assert run.events == events
    if isinstance(COMMANDS[command], StartRun):
        assert isinstance(decision, Rejected)
        assert decision.kind == "already_exists"
    elif situation == "no run" and isinstance(COMMANDS[command], CancelRun):
        assert isinstance(decision, Rejected)
        assert decision.kind == "not_found"
    else:
        assert isinstance(decision, Ignored)
        assert len(decision) == 0
        assert decision.reason == _reason(situation, command)


def _reason(situation: str, command: str) -> str:
    if situation == "no run":
        return "unknown_run"
    if situation in ENDED:
        return "run_ended"
    return "already_started" if (situation, command) == ("step running", "record start") else "not_open"


def test_a_start_says_who_and_when() -> None:
    run = _after("record start")()

    assert run.events[-1].data == StepStarted(
        path="main", step="a", invocation_id=JOB, claimed_by="worker-1", claimed_at=CLAIMED_AT
    )
    assert run.open("a").status == "running"


def test_progress_is_kept_with_the_run() -> None:
    run = _after("record progress")()

    assert run.events[-1].data == StepProgressed(
        path="main", step="a", invocation_id=JOB, name="halfway", payload={"percent": 50}
    )


@pytest.mark.parametrize("table", [RUN, STEP, PATH], ids=["run", "step", "path"])
def test_nothing_leaves_a_terminal_status(table: Mapping[tuple[str | None, str], str]) -> None:
    assert not [before for before, _ in table if before in TERMINAL]


@pytest.mark.parametrize("table", [RUN, STEP, PATH], ids=["run", "step", "path"])
def test_every_status_can_be_reached_and_ended(table: Mapping[tuple[str | None, str], str]) -> None:
    reached: set[str | None] = {None}
    for _ in table:
        reached |= {after for (before, _), after in table.items() if before in reached}

    assert {before for before, _ in table} <= reached
    assert all(any(start == status for start, _ in table) for status in reached - TERMINAL)
