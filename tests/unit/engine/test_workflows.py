"""Definitions: created once, versioned by spec, renamed without a new version."""

from collections.abc import Mapping
from datetime import UTC, datetime

import pytest

from libs.chassis.decider import Rejected
from libs.contracts.envelope import Event
from libs.contracts.events.engine import RunCompleted, WorkflowUpdated
from libs.contracts.payload import Payload
from services.engine.domain.workflows import (
    CreateWorkflow,
    UpdateWorkflow,
    WorkflowState,
    decide_workflow,
    derived_handle,
    evolve_workflow,
)
from tests.unit.engine.live_run import CATALOG, PROJECT, START, spec, step

WORKFLOW_ID = "wf_01jz8m3k5x7e2v9q4t6y8w0abc"
LATER = datetime(2030, 2, 1, tzinfo=UTC)
FLOW = spec(step("a"))
CREATE = CreateWorkflow(WORKFLOW_ID, "Summarise documents", FLOW, "key_1", description="d", tags={"team": "docs"})


def event(sequence: int, payload: Payload) -> Event[Payload]:
    time = START if sequence == 1 else LATER
    return Event("/mobius/engine", WORKFLOW_ID, sequence, WORKFLOW_ID, PROJECT, time, payload)


def created(command: CreateWorkflow = CREATE) -> WorkflowState:
    decision = decide_workflow(None, command, START, CATALOG)
    assert not isinstance(decision, Rejected)
    return evolve_workflow(None, event(1, decision[0]))


def updated(state: WorkflowState, command: UpdateWorkflow) -> list[Payload]:
    decision = decide_workflow(state, command, LATER, CATALOG)
    assert not isinstance(decision, Rejected)
    return decision


def test_a_new_workflow_has_a_first_version() -> None:
    assert created() == WorkflowState(
        workflow_id=WORKFLOW_ID,
        project=PROJECT,
        name="Summarise documents",
        handle="summarise-documents",
        description="d",
        published_as_tool=False,
        tags={"team": "docs"},
        latest_version=1,
        spec=FLOW,
        created_by="key_1",
        created_at=START,
        updated_at=START,
        version=1,
    )


def test_a_handle_of_ones_own_is_kept() -> None:
    assert created(CreateWorkflow(WORKFLOW_ID, "Any", FLOW, "key_1", handle="docs-1")).handle == "docs-1"


def test_a_workflow_is_created_once() -> None:
    decision = decide_workflow(created(), CREATE, LATER, CATALOG)

    assert isinstance(decision, Rejected)
    assert decision.kind == "already_exists"


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"name": ""}, "name"),
        ({"name": " padded"}, "name"),
        ({"name": "two\nlines"}, "name"),
        ({"name": "n" * 129}, "name"),
        ({"name": "日本"}, "handle"),
        ({"handle": "Upper"}, "handle"),
        ({"handle": "-x"}, "handle"),
        ({"handle": ""}, "handle"),
        ({"handle": "h" * 65}, "handle"),
        ({"description": "d" * 4_097}, "description"),
        ({"tags": {"mobius:x": "y"}}, "tags.mobius:x"),
        ({"spec": {"name": "x", "steps": [step("a", "nothing")]}}, "spec.steps[0].action"),
        ({"spec": {"name": "x", "steps": [], "more": 1}}, "spec.steps"),
        ({"spec": {"name": "x", "steps": [step("a")], "state": {"big": 2**70}}}, "spec"),
    ],
)
def test_a_bad_field_is_named(changes: Mapping[str, object], field: str) -> None:
    fields: dict[str, object] = {"name": "Any", "spec": FLOW, **changes}
    command = CreateWorkflow(WORKFLOW_ID, created_by="key_1", **fields)  # type: ignore[arg-type]
    decision = decide_workflow(None, command, START, CATALOG)

    assert isinstance(decision, Rejected)
    assert (decision.kind, decision.field) == ("invalid_argument", field)


@pytest.mark.parametrize(
    ("name", "handle"),
    [
        ("Summarise documents", "summarise-documents"),
        ("  A & B!  ", "a-b"),
        ("v2.0", "v2-0"),
        ("日本", ""),
        ("x" * 80, "x" * 64),
        ("x" * 63 + " y", "x" * 63),
    ],
)
def test_a_handle_is_made_from_the_name(name: str, handle: str) -> None:
    assert derived_handle(name) == handle


def test_another_spec_is_another_version() -> None:
    other = spec(step("a"), step("b"))
    (said,) = updated(created(), UpdateWorkflow("key_2", spec=other))

    assert isinstance(said, WorkflowUpdated)
    assert (said.latest_version, said.spec, said.updated_by) == (2, other, "key_2")
    state = evolve_workflow(created(), event(2, said))
    assert (state.latest_version, state.spec, state.updated_at, state.version) == (2, other, LATER, 2)


@pytest.mark.parametrize("n", [1.0, True])
def test_numbers_of_another_type_are_another_spec(n: float) -> None:
    state = created(CreateWorkflow(WORKFLOW_ID, "Any", spec(step("a"), state={"n": 1}), "key_1"))

    assert len(updated(state, UpdateWorkflow("key_2", spec=spec(step("a"), state={"n": n})))) == 1


def test_metadata_changes_without_a_new_version() -> None:
    command = UpdateWorkflow("key_2", name="Other", description="e", published_as_tool=True, tags={})
    (said,) = updated(created(), command)

    assert said == WorkflowUpdated(
        workflow_id=WORKFLOW_ID,
        name="Other",
        description="e",
        published_as_tool=True,
        tags={},
        latest_version=1,
        spec=None,
        updated_by="key_2",
    )
    state = evolve_workflow(created(), event(2, said))
    assert (state.name, state.handle, state.spec) == ("Other", "summarise-documents", FLOW)


@pytest.mark.parametrize(
    "command",
    [
        UpdateWorkflow("key_2"),
        UpdateWorkflow("key_2", name=CREATE.name, description="d", published_as_tool=False, tags={"team": "docs"}),
        UpdateWorkflow("key_2", spec=FLOW),
    ],
)
def test_what_is_so_already_changes_nothing(command: UpdateWorkflow) -> None:
    assert updated(created(), command) == []


@pytest.mark.parametrize(
    ("command", "field"),
    [
        (UpdateWorkflow("key_2", name=""), "name"),
        (UpdateWorkflow("key_2", description="d" * 4_097), "description"),
        (UpdateWorkflow("key_2", tags={"": "x"}), "tags"),
        (UpdateWorkflow("key_2", spec=spec(step("a", "nothing"))), "spec.steps[0].action"),
    ],
)
def test_a_bad_update_is_refused(command: UpdateWorkflow, field: str) -> None:
    decision = decide_workflow(created(), command, LATER, CATALOG)

    assert isinstance(decision, Rejected)
    assert decision.field == field


def test_what_does_not_exist_is_not_updated() -> None:
    decision = decide_workflow(None, UpdateWorkflow("key_2"), LATER, CATALOG)

    assert isinstance(decision, Rejected)
    assert decision.kind == "not_found"


def test_a_stream_begins_with_its_creation() -> None:
    said = WorkflowUpdated(workflow_id=WORKFLOW_ID, name="n", latest_version=2, updated_by="key_1")

    with pytest.raises(AssertionError, match=r"expected workflow\.created first"):
        evolve_workflow(None, event(1, said))


def test_an_event_of_another_kind_changes_the_version_only() -> None:
    again = evolve_workflow(created(), event(2, RunCompleted(outputs={})))

    assert again == created()._replace(version=2)
