"""Whether a run begins, and what its first events say."""

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject
from libs.contracts.events.engine import RunStarted, StepFailed, StepScheduled
from services.engine.domain.commands import StartRun
from services.engine.domain.run_state import PathCounts, StepCounts
from tests.unit.engine.live_run import PROJECT, RUN_ID, LiveRun, edge, end, spec, started, step


def refused(command: StartRun) -> Rejected:
    decision = LiveRun().tell(command)
    assert isinstance(decision, Rejected)
    return decision


def test_a_run_begins_with_its_facts_and_its_first_step() -> None:
    run = LiveRun()
    flow = spec(step("a"), state={"v": 1}, inputs=[{"name": "n", "type": "integer", "default": 2}])
    run.tell(
        StartRun(
            RUN_ID,
            PROJECT,
            flow,
            workflow_name="Saved flow",
            definition_id="wf_1",
            definition_version=3,
            queue="bulk",
            metadata={"who": "me"},
            tags={"team": "docs"},
            external_id="order-7",
            source_type="trigger",
            source_id="trg_1",
        )
    )

    assert run.events[0].data == RunStarted(
        workflow_name="Saved flow",
        definition_id="wf_1",
        definition_version=3,
        spec=flow,
        queue="bulk",
        inputs={"n": 2},
        metadata={"who": "me"},
        tags={"team": "docs"},
        external_id="order-7",
        source_type="trigger",
        source_id="trg_1",
    )
    assert (run.scheduled[0].queue, run.scheduled[0].workflow_name) == ("bulk", "Saved flow")
    assert dict(run.state.paths["main"].variables) == {"v": 1}
    assert (run.state.steps, run.state.path_counts) == (StepCounts(pending=1), PathCounts(working=1))


def test_start_at_names_the_first_step() -> None:
    run = started(spec(step("a", next=[]), step("b", next=[edge("a")]), start_at="b"))

    assert [one.step for one in run.scheduled] == ["b"]


def test_a_run_knows_itself() -> None:
    flow = spec(step("a", parameters={"facts": "${run}", "line": "${run.id} of ${run.project}"}))
    run = started(flow)

    assert run.scheduled[0].parameters == {
        "facts": {
            "id": RUN_ID,
            "project": PROJECT,
            "workflow": "flow",
            "started_at": "2030-01-31T09:30:01.000000Z",
        },
        "line": f"{RUN_ID} of {PROJECT}",
    }


def test_a_run_cannot_begin_twice() -> None:
    run = started(spec(step("a")))
    again = run.tell(StartRun(RUN_ID, PROJECT, spec(step("a"))))

    assert again == Rejected("already_exists", f"expected a new run, but {RUN_ID} has begun")
    assert len(run.events) == 2


def test_an_inline_spec_is_held_against_the_catalog() -> None:
    found = refused(StartRun(RUN_ID, PROJECT, spec(step("a", "nothing"))))

    assert (found.kind, found.field) == ("invalid_argument", "spec.steps[0].action")


def test_a_saved_spec_was_checked_when_saved_and_its_steps_are_when_they_come() -> None:
    run = LiveRun()
    begun, failed, ended = run.start(spec(step("a", "nothing")), definition_id="wf_1")

    assert isinstance(begun, RunStarted)
    assert isinstance(failed, StepFailed)
    assert (failed.error_type, failed.invocation_id) == ("unknown_action", None)
    assert ended == end(run)


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"spec": spec()}, "spec.steps"),
        ({"spec": spec(step("a"), inputs=[{"name": "n", "type": "any"}])}, "inputs.n"),
        ({"queue": ""}, "queue"),
        ({"queue": "a b"}, "queue"),
        ({"queue": "q" * 129}, "queue"),
        ({"external_id": ""}, "external_id"),
        ({"external_id": "x" * 257}, "external_id"),
        ({"tags": {"mobius:x": "y"}}, "tags.mobius:x"),
        ({"metadata": {"": "y"}}, "metadata"),
    ],
)
def test_a_bad_start_names_its_field(changes: dict[str, object], field: str) -> None:
    fields: dict[str, object] = {"spec": spec(step("a")), **changes}
    found = refused(StartRun(RUN_ID, PROJECT, **fields))  # type: ignore[arg-type]

    assert (found.kind, found.field) == ("invalid_argument", field)


@pytest.mark.parametrize(
    ("parameters", "error_type"),
    [
        ({"doc_id": "${inputs.nowhere}"}, "expression_error"),
        ({"doc_id": "${1 / 0}"}, "expression_error"),
        ({"doc_id": "${inputs.n}"}, "contract_violation"),
        ({"doc_id": "${inputs.id}", "more": 1}, "contract_violation"),
    ],
)
def test_a_first_step_that_cannot_be_scheduled_ends_the_run(parameters: JsonObject, error_type: str) -> None:
    run = started(spec(step("a", "summarize-document", parameters=parameters)), {"n": 1, "id": "d"})

    assert run.types == ["run.started", "step.failed", "run.failed"]
    assert isinstance(failed := run.events[1].data, StepFailed)
    assert failed.error_type == error_type
    assert run.state.steps == StepCounts(failed=1)


def test_a_violation_names_the_pointer() -> None:
    flow = spec(step("a", "summarize-document", parameters={"doc_id": "${inputs.n}"}))
    failed = started(flow, {"n": 1}).events[1].data

    assert isinstance(failed, StepFailed)
    assert failed.details is not None
    assert failed.details["pointer"] == "/doc_id"
    assert failed.error_message.startswith("expected parameters that summarize-document accepts, but at /doc_id: ")


def test_parameters_larger_than_a_payload_fail_the_step() -> None:
    flow = spec(step("a", parameters={"one": "x" * 200_000, "two": "${inputs.t}"}))
    failed = started(flow, {"t": "x" * 100_000}).events[1].data

    assert isinstance(failed, StepFailed)
    assert failed.error_type == "contract_violation"
    assert failed.error_message.startswith("expected at most 262144 bytes of parameters, but got ")


def test_every_step_is_scheduled_with_an_id_of_its_own() -> None:
    run = started(spec(step("a"), step("b", action_kind="server")))
    run.complete("a")

    first, second = run.scheduled
    assert isinstance(first, StepScheduled)
    assert first.invocation_id.startswith("job_")
    assert second.invocation_id.startswith("inv_")
