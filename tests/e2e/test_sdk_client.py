"""The published `deepnoodle-mobius` client, unchanged: each answer is parsed by the SDK's own strict models."""

import httpx
import pytest
from deepnoodle.mobius import (
    Client,
    ListRunsOptions,
    ListWorkflowsOptions,
    RunEvent,
    StartRunOptions,
    WaitRunOptions,
    WorkflowOptions,
)
from deepnoodle.mobius._api.models import ErrorType, RunStepKind, RunStepStatus, WorkflowRunStatus

from tests.e2e.calls import value_of
from tests.e2e.installation import Installation
from tests.e2e.sdk_parts import HandWorker, count_and_echo, only_count
from tests.e2e.threads import beside_the_loop

pytestmark = pytest.mark.usefixtures("sdk_actions")

TEXT = {"text": "three short words"}


@beside_the_loop
def test_a_workflow_is_created_found_and_made_the_next_version(sdk: Client) -> None:
    made = sdk.create_workflow(count_and_echo(), WorkflowOptions(handle="sdk-saved", tags={"Team": "sdk-docs"}))
    assert (made.handle, made.latest_version, made.spec) == ("sdk-saved", 1, count_and_echo())
    assert sdk.get_workflow(made.id) == made
    assert made.id in [one.id for one in sdk.list_workflows(ListWorkflowsOptions(limit=200)).items]
    assert [one.id for one in sdk.list_workflows(ListWorkflowsOptions(tag=["Team:sdk-docs"])).items] == [made.id]

    unchanged = sdk.ensure_workflow(count_and_echo(), WorkflowOptions(handle="sdk-saved"))
    assert (unchanged.created, unchanged.updated, unchanged.definition.latest_version) == (False, False, 1)
    changed = sdk.ensure_workflow(count_and_echo(description="better"), WorkflowOptions(handle="sdk-saved"))
    assert (changed.created, changed.updated, changed.definition.latest_version) == (False, True, 2)
    assert changed.definition.id == made.id
    another = sdk.ensure_workflow(only_count("sdk-ensured"))
    assert (another.created, another.definition.name) == (True, "sdk-ensured")


@beside_the_loop
def test_an_inline_run_is_worked_by_hand_to_its_outputs(sdk: Client) -> None:
    worker = HandWorker(sdk, "sdk-inline")
    worker.announce()
    run = sdk.start_run(count_and_echo("sdk-inline"), StartRunOptions(inputs=TEXT, metadata={"why": "test"}))
    assert (run.status, run.ephemeral, run.metadata) == (WorkflowRunStatus.active, True, {"why": "test"})

    first = worker.claim()
    assert (first.run_id, first.step_name, first.parameters, first.attempt) == (run.id, "count", TEXT, 1)
    assert (first.workflow_name, first.queue, first.heartbeat_interval_seconds) == ("sdk-inline", "default", 1)
    beat = sdk.heartbeat_job(first.job_id, worker.fence(first))
    assert (beat.ok, bool(beat.directives.should_cancel)) == (True, False)
    worker.complete(first, {"words": 3})
    second = worker.claim()
    assert (second.run_id, second.step_name, second.parameters) == (run.id, "echo", {"words": 3})
    worker.complete(second, "it has 3")

    done = sdk.wait_run(run.id, WaitRunOptions(timeout=20))
    assert (done.status, value_of(done.result_b64)) == (WorkflowRunStatus.completed, {"answer": "it has 3"})
    assert done.spec == count_and_echo("sdk-inline")
    steps = [(step.step_name, step.kind, step.status, step.job_id) for step in done.steps]
    completed = (RunStepKind.worker_action, RunStepStatus.completed)
    assert steps == [("count", *completed, first.job_id), ("echo", *completed, second.job_id)]
    assert [value_of(step.result_b64) for step in done.steps] == [{"words": 3}, "it has 3"]


@beside_the_loop
def test_a_saved_run_starts_once_per_external_id(sdk: Client) -> None:
    worker = HandWorker(sdk, "sdk-bound")
    worker.announce()
    saved = sdk.ensure_workflow(only_count("sdk-bound")).definition
    options = StartRunOptions(inputs=TEXT, external_id="order-7", tags=None, queue="default")
    run = sdk.start_workflow_run(saved.id, options)
    assert (run.definition_id, run.definition_version, run.ephemeral) == (saved.id, 1, False)
    assert sdk.start_workflow_run(saved.id, options).id == run.id
    listed = sdk.list_runs(ListRunsOptions(external_id="order-7", status=WorkflowRunStatus.active))
    assert [one.id for one in listed.items] == [run.id]

    worker.finish(run.id)
    assert sdk.wait_run(run.id, WaitRunOptions(timeout=20)).status == WorkflowRunStatus.completed
    with pytest.raises(httpx.HTTPStatusError) as conflict:
        sdk.start_workflow_run(saved.id, options)
    error = conflict.value.response.json()["error"]
    assert (conflict.value.response.status_code, error["code"]) == (409, "external_id_conflict")
    assert (error["details"]["existing_run_id"], error["details"]["status"]) == (run.id, "completed")


@beside_the_loop
def test_a_run_is_watched_in_order_and_again_from_where_one_was(sdk: Client) -> None:
    worker = HandWorker(sdk, "sdk-watched")
    worker.announce()
    run = sdk.start_run(only_count("sdk-watched"), StartRunOptions(inputs=TEXT))
    job = worker.claim()
    sdk.emit_job_event(
        job.job_id, worker_session_token=worker.token, attempt=1, type="pages.read", payload={"pages": 4}
    )
    worker.complete(job, {"words": 3})
    sdk.wait_run(run.id, WaitRunOptions(timeout=20))
    seen = list(sdk.watch_run(run.id))
    again = list(sdk.watch_run(run.id, since=1))

    assert [event.type for event in seen] == ["run_updated"]
    assert (seen[0].seq, seen[0].data["status"]) == (again[-1].seq, "completed")
    assert [event.seq for event in again] == sorted(event.seq for event in again)
    assert {event.run_id for event in again} == {run.id}
    statuses = [event.data["status"] for event in again if event.type == "run_step_updated"]
    assert (statuses[0], statuses[-1]) == ("pending", "completed")
    (custom,) = (event for event in again if event.type == "custom")
    assert (custom.data["type"], custom.data["data"], custom.data["job_id"]) == ("pages.read", {"pages": 4}, job.job_id)
    assert (again[-1].type, again[-1].data["status"]) == ("run_updated", "completed")
    rest = list(sdk.watch_run(run.id, since=custom.seq))
    assert [_key(event) for event in rest[1:]] == [_key(event) for event in again[1:] if event.seq > custom.seq]


def _key(event: RunEvent) -> tuple[int, str]:
    return event.seq, event.type


@beside_the_loop
def test_a_run_is_seen_live_while_it_goes_on(sdk: Client) -> None:
    worker = HandWorker(sdk, "sdk-live")
    worker.announce()
    run = sdk.start_run(only_count("sdk-live"), StartRunOptions(inputs=TEXT))
    seen: list[str] = []
    for event in sdk.watch_run(run.id):
        seen.append(f"{event.type} {event.data.get('status')}")
        if len(seen) == 1:
            worker.complete(worker.claim(), {"words": 3})
    assert (seen[0], seen[-2:]) == ("run_updated active", ["run_step_updated completed", "run_updated completed"])


@beside_the_loop
def test_a_cancelled_run_fails_and_its_worker_is_told(sdk: Client) -> None:
    worker = HandWorker(sdk, "sdk-cancelled")
    worker.announce()
    run = sdk.start_run(count_and_echo("sdk-cancelled"), StartRunOptions(inputs=TEXT))
    job = worker.claim()
    sdk.cancel_run(run.id)
    ended = sdk.get_run(run.id)
    assert (ended.status, ended.error_type) == (WorkflowRunStatus.failed, ErrorType.run_cancelled)
    while not sdk.heartbeat_job(job.job_id, worker.fence(job)).directives.should_cancel:
        pass  # the dispatcher hears of it a moment later
    worker.complete(job, {"words": 3})
    late = sdk.get_run(run.id)
    assert (late.status, late.completed_at, late.result_b64) == (ended.status, ended.completed_at, None)
    assert [step.status for step in late.steps] == [RunStepStatus.cancelled]


@beside_the_loop
def test_a_key_may_carry_its_project(installation: Installation) -> None:
    stack = installation.stack
    with Client(f"{stack.project}/{stack.api_key}", base_url=stack.api_url) as sdk:
        assert sdk.project == stack.project
        assert sdk.list_runs(ListRunsOptions(limit=1)).items
    with Client(f"elsewhere/{stack.api_key}", base_url=stack.api_url) as sdk:
        with pytest.raises(httpx.HTTPStatusError) as missing:
            sdk.list_runs()
        assert missing.value.response.status_code == 404
