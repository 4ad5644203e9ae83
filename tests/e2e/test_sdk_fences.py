"""The published client on the wrong side of a fence: leases that were lost, ids that are taken, keys that are not."""

import pytest
from deepnoodle.mobius import (
    AuthRevokedError,
    Client,
    LeaseLostError,
    PayloadTooLargeError,
    StartRunOptions,
    WaitRunOptions,
    WorkerInstanceConflictError,
)
from deepnoodle.mobius._api.models import WorkflowRunStatus

from tests.e2e.installation import Installation
from tests.e2e.sdk_parts import HandWorker, only_count
from tests.e2e.threads import beside_the_loop

pytestmark = pytest.mark.usefixtures("sdk_actions")

TEXT = {"text": "three short words"}


@beside_the_loop
def test_only_the_holder_of_the_lease_may_report(sdk: Client) -> None:
    holder, other = HandWorker(sdk, "sdk-holder"), HandWorker(sdk, "sdk-other")
    holder.announce()
    run = sdk.start_run(only_count("sdk-fenced"), StartRunOptions(inputs=TEXT))
    job = holder.claim()

    with pytest.raises(LeaseLostError):
        other.complete(job, {"words": 1})
    with pytest.raises(LeaseLostError):
        holder.complete(job, {"words": 1}, attempt=job.attempt + 1)
    with pytest.raises(LeaseLostError):
        sdk.heartbeat_job(job.job_id, other.fence(job))
    with pytest.raises(LeaseLostError):
        sdk.emit_job_event(job.job_id, worker_session_token=other.token, attempt=1, type="stale", payload={})
    with pytest.raises(PayloadTooLargeError):
        sdk.emit_job_event(
            job.job_id, worker_session_token=holder.token, attempt=1, type="large", payload={"text": "x" * 20_000}
        )

    holder.complete(job, {"words": 3})
    holder.complete(job, {"words": 3})  # whoever lost the answer asks again, and is answered the same
    with pytest.raises(LeaseLostError):
        other.complete(job, {"words": 1})
    done = sdk.wait_run(run.id, WaitRunOptions(timeout=20))
    assert (done.status, len(done.steps)) == (WorkflowRunStatus.completed, 1)


@beside_the_loop
def test_who_falls_silent_loses_the_job_to_the_next_worker(sdk: Client) -> None:
    silent, next_one = HandWorker(sdk, "sdk-silent"), HandWorker(sdk, "sdk-next")
    silent.announce()
    run = sdk.start_run(only_count("sdk-silent"), StartRunOptions(inputs=TEXT))
    lost = silent.claim()
    taken = next_one.claim()
    assert (taken.job_id, taken.run_id, taken.attempt) == (lost.job_id, run.id, 2)
    with pytest.raises(LeaseLostError):
        silent.complete(lost, {"words": 1})
    next_one.complete(taken, {"words": 3})
    assert sdk.wait_run(run.id, WaitRunOptions(timeout=20)).status == WorkflowRunStatus.completed


@beside_the_loop
def test_two_processes_under_one_instance_id_are_told_apart(sdk: Client) -> None:
    HandWorker(sdk, "sdk-twin").announce()
    with pytest.raises(WorkerInstanceConflictError, match="sdk-twin") as conflict:
        HandWorker(sdk, "sdk-twin").announce()
    assert conflict.value.project_handle == sdk.project


@beside_the_loop
def test_a_key_that_is_not_valid_ends_a_worker(installation: Installation) -> None:
    stack = installation.stack
    with Client("mbx_" + "0" * 43, base_url=stack.api_url, project=stack.project) as sdk:
        worker = HandWorker(sdk, "sdk-keyless")
        with pytest.raises(AuthRevokedError):
            worker.announce()
