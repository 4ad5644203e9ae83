"""What was recorded, and how: each scenario plays one stream with the domain as it is today."""

from collections.abc import Callable, Mapping
from datetime import timedelta

from libs.chassis.decider import Rejected
from libs.contracts.codec import JsonObject
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from services.engine.domain.commands import CancelRun, RecordProgress, RecordResult, RecordStart
from services.engine.domain.workflows import (
    CreateWorkflow,
    UpdateWorkflow,
    WorkflowState,
    decide_workflow,
    evolve_workflow,
)
from tests.unit.engine.live_run import CATALOG, PROJECT, START, edge, spec, started, step

WORKFLOW_ID = "wf_01jz8m3k5x7e2v9q4t6y8w0abc"

DOCUMENTS: JsonObject = {
    "name": "documents",
    "steps": [
        {"name": "summarize", "action": "summarize-document", "parameters": {"doc_id": "${inputs.doc_id}"}},
        {
            "name": "notify",
            "action": "slack.post-message",
            "action_kind": "server",
            "parameters": {"channel": "#ops", "text": "Summary complete for ${inputs.doc_id}"},
        },
    ],
}


def published_example() -> list[Event[Payload]]:
    run = started(DOCUMENTS, {"doc_id": "annual-report"})
    job = run.open("summarize").invocation_id
    run.tell(RecordStart(job, "courier", START + timedelta(milliseconds=1250)))
    run.tell(RecordProgress(job, "pages", {"read": 3, "of": 7.5}))
    run.tell(RecordResult(job, {"summary": "Short.", "score": 1.0, "nothing": None}, START + timedelta(seconds=1)))
    run.complete("notify", {"ok": True})
    return run.events


def branches_with_outputs() -> list[Event[Payload]]:
    flow = spec(
        step("split", store="n", next=[edge("one", "state.n > 1"), edge("two", branch="side"), edge("two")]),
        step("one", store="n", parameters={"all": "${state}", "text": "n=${state.n} of $${n}"}),
        step("two", store="other"),
        state={"n": 0, "kept": [1, 1.0, None]},
        outputs=[{"name": "n", "variable": "n"}, {"name": "side", "variable": "other", "branch": "side"}],
    )
    run = started(flow)
    run.complete("split", 2)
    run.complete("two", "s", path="side")
    run.complete("one", 3.5)
    run.complete("two", {"last": True}, path="main/1")
    return run.events


def failure_closes_the_others() -> list[Event[Payload]]:
    run = started(spec(step("a", next=[edge("b"), edge("c", branch="x")]), step("b"), step("c")))
    run.complete("a")
    run.fail("c", "Unreadable", path="x")
    return run.events


def parameters_that_cannot_be_made() -> list[Event[Payload]]:
    flow = spec(step("a", store="v"), step("b", "summarize-document", parameters={"doc_id": "${state.v.text}"}))
    run = started(flow)
    run.complete("a", {"words": 7})
    return run.events


def cancelled_while_open() -> list[Event[Payload]]:
    run = started(spec(step("a"), step("b")))
    run.complete("a")
    run.tell(CancelRun("no longer needed"))
    return run.events


def loop_until_enough() -> list[Event[Payload]]:
    run = started(spec(step("a", store="n", next=[edge("a", "state.n < 3"), edge("b", "state.n >= 3")]), step("b")))
    for number in (1, 2, 3):
        run.complete("a", number)
    return run.events


def workflow_with_two_versions() -> list[Event[Payload]]:
    state: WorkflowState | None = None
    events: list[Event[Payload]] = []
    for command in (
        CreateWorkflow(WORKFLOW_ID, "Summarise documents", DOCUMENTS, "key_1", tags={"team": "docs"}),
        UpdateWorkflow("key_2", name="Documents", tags={}),
        UpdateWorkflow("key_2", spec={**DOCUMENTS, "description": "the second version"}),
    ):
        now = START + timedelta(minutes=len(events))
        decision = decide_workflow(state, command, now, CATALOG)
        assert not isinstance(decision, Rejected)
        event = Event("/mobius/engine", WORKFLOW_ID, len(events) + 1, WORKFLOW_ID, PROJECT, now, decision[0])
        events.append(event)
        state = evolve_workflow(state, event)
    return events


SCENARIOS: Mapping[str, Callable[[], list[Event[Payload]]]] = {
    scenario.__name__: scenario
    for scenario in (
        published_example,
        branches_with_outputs,
        failure_closes_the_others,
        parameters_that_cannot_be_made,
        cancelled_while_open,
        loop_until_enough,
        workflow_with_two_versions,
    )
}
