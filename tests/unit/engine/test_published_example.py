"""The example that the product publishes, as it is written there."""

import pytest

from libs.contracts.codec import JsonObject
from libs.contracts.events.engine import Follow, RunCompleted, RunStarted, StepCompleted, StepScheduled
from services.engine.domain.invocation_ids import invocation_id
from tests.unit.engine.live_run import RUN_ID, LiveRun

STEPS: list[JsonObject] = [
    {
        "name": "summarize",
        "action": "summarize-document",
        "parameters": {"doc_id": "${inputs.doc_id}"},
    },
    {
        "name": "notify",
        "action": "slack.post-message",
        "action_kind": "server",
        "parameters": {"channel": "#ops", "text": "Summary complete for ${inputs.doc_id}"},
    },
]


@pytest.fixture
def run() -> LiveRun:
    run = LiveRun()
    run.start({"name": "documents", "steps": [*STEPS]}, {"doc_id": "annual-report"})
    return run


def test_the_start_dispatches_a_job_for_the_summary(run: LiveRun) -> None:
    begun, scheduled = [event.data for event in run.events]

    assert isinstance(begun, RunStarted)
    assert begun.workflow_name == "documents"
    assert begun.definition_id is None
    assert scheduled == StepScheduled(
        run_id=RUN_ID,
        workflow_name="documents",
        path="main",
        step="summarize",
        attempt=1,
        kind="worker",
        action="summarize-document",
        invocation_id=invocation_id("worker", RUN_ID, "main", "summarize", 1),
        queue="default",
        parameters={"doc_id": "annual-report"},
    )


def test_the_summary_leads_to_the_message_without_a_job(run: LiveRun) -> None:
    completed, scheduled = run.complete("summarize", {"summary": "Short."})

    assert isinstance(completed, StepCompleted)
    assert completed.follow == [Follow(path="main", step="notify")]
    assert completed.result == {"summary": "Short."}
    assert isinstance(scheduled, StepScheduled)
    assert (scheduled.kind, scheduled.action) == ("server", "slack.post-message")
    assert scheduled.invocation_id.startswith("inv_")
    assert scheduled.parameters == {"channel": "#ops", "text": "Summary complete for annual-report"}


def test_the_message_ends_the_run(run: LiveRun) -> None:
    run.complete("summarize", {"summary": "Short."})
    completed, ended = run.complete("notify", {"ok": True})

    assert isinstance(completed, StepCompleted)
    assert completed.follow == []
    assert ended == RunCompleted(outputs={})
    assert run.state.status == "completed"
    assert [event.sequence for event in run.events] == [1, 2, 3, 4, 5, 6]
