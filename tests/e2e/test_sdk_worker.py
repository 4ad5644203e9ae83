"""The published `Worker`, unchanged, in a thread of its own."""

import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from typing import Any

import pytest
from deepnoodle.mobius import (
    ActionContext,
    AuthRevokedError,
    Client,
    StartRunOptions,
    WaitRunOptions,
    Worker,
    WorkerConfig,
    WorkerInstanceConflictError,
    WorkerPool,
    WorkerPoolConfig,
)
from deepnoodle.mobius._api.models import WorkflowRunStatus
from deepnoodle.mobius.worker import ActionFunc

from tests.e2e.calls import value_of
from tests.e2e.endpoint import Endpoints
from tests.e2e.installation import Installation
from tests.e2e.sdk_parts import COUNT, ECHO, HandWorker, count_and_echo, only_count, only_echo
from tests.e2e.threads import beside_the_loop

pytestmark = pytest.mark.usefixtures("sdk_actions")

TEXT = {"text": "three short words"}


@contextmanager
def working(sdk: Client, instance_id: str, actions: Mapping[str, ActionFunc]) -> Iterator[None]:
    """A worker that polls for as long as the block. Mobius knows it before the block begins."""
    HandWorker(sdk, f"{instance_id}-herald", actions=tuple(actions)).announce()
    config = WorkerConfig(worker_instance_id=instance_id, concurrency=4, actions=list(actions), poll_wait_seconds=1)
    worker = Worker(sdk, config, dict(actions))
    thread = threading.Thread(target=worker.run, name=instance_id, daemon=True)
    thread.start()
    try:
        yield
    finally:
        worker.stop()
        thread.join(timeout=15)
        assert not thread.is_alive(), "expected the worker to stop, but it still polls"


@beside_the_loop
def test_a_worker_does_both_steps_and_tells_how_far_it_is(sdk: Client, endpoints: Endpoints) -> None:
    def count(context: ActionContext, parameters: dict[str, Any]) -> object:
        words = len(parameters["text"].split())
        context.emit_event("counting.done", {"words": words, "attempt": context.attempt})
        return {"words": words}

    def echo(parameters: dict[str, Any]) -> object:
        return f"it has {parameters['words']}"

    with working(sdk, "sdk-worker", {COUNT: count, ECHO: echo}):
        run = sdk.start_run(count_and_echo("sdk-worked"), StartRunOptions(inputs=TEXT))
        done = sdk.wait_run(run.id, WaitRunOptions(timeout=30))

    assert (done.status, value_of(done.result_b64)) == (WorkflowRunStatus.completed, {"answer": "it has 3"})
    custom = [event.data for event in sdk.watch_run(run.id, since=1) if event.type == "custom"]
    assert [(event["type"], event["data"]) for event in custom] == [("counting.done", {"words": 3, "attempt": 1})]
    assert custom[0]["step_id"] == done.steps[0].id
    assert endpoints.of_run(run.id) == []


@beside_the_loop
def test_an_action_that_raises_fails_the_run_with_its_words(sdk: Client) -> None:
    def count(parameters: dict[str, Any]) -> object:
        raise RuntimeError(f"cannot count {len(parameters['text'])} letters")

    with working(sdk, "sdk-raising", {COUNT: count}):
        run = sdk.start_run(only_count("sdk-raising"), StartRunOptions(inputs=TEXT))
        done = sdk.wait_run(run.id, WaitRunOptions(timeout=30))

    assert done.status == WorkflowRunStatus.failed
    assert "cannot count 17 letters" in (done.error_message or "")
    assert (done.steps[0].error_type, done.steps[0].error_message) == ("Error", "cannot count 17 letters")


@beside_the_loop
def test_a_pool_of_workers_does_every_job_once(sdk: Client) -> None:
    done: list[tuple[str, str]] = []

    def echo(context: ActionContext, parameters: dict[str, Any]) -> object:
        done.append((context.run_id, context.worker_instance_id))
        return parameters["number"]

    HandWorker(sdk, "sdk-pool-herald", actions=(ECHO,)).announce()
    config = WorkerPoolConfig(
        count=3, worker_instance_id_prefix="sdk-pool", concurrency=2, actions=[ECHO], poll_wait_seconds=1
    )
    pool = WorkerPool(sdk, config)
    pool.register(ECHO, echo)
    thread = threading.Thread(target=pool.run, daemon=True)
    thread.start()
    try:
        runs = [sdk.start_run(only_echo(number)).id for number in range(12)]
        ended = [sdk.wait_run(run, WaitRunOptions(timeout=30)) for run in runs]
    finally:
        pool.stop()
        thread.join(timeout=15)
    assert [value_of(run.steps[0].result_b64) for run in ended] == list(range(12))
    assert sorted(run for run, _ in done) == sorted(runs)
    assert {worker for _, worker in done} <= {"sdk-pool-1", "sdk-pool-2", "sdk-pool-3"}


@beside_the_loop
def test_an_action_longer_than_the_lease_keeps_it_by_its_heartbeats(sdk: Client) -> None:
    attempts: list[int] = []

    def count(context: ActionContext, parameters: dict[str, Any]) -> object:
        attempts.append(context.attempt)
        time.sleep(4)  # the work itself; the lease is 3 s
        return {"words": 3}

    with working(sdk, "sdk-long", {COUNT: count}):
        run = sdk.start_run(only_count("sdk-long"), StartRunOptions(inputs=TEXT))
        done = sdk.wait_run(run.id, WaitRunOptions(timeout=30))

    assert (done.status, attempts) == (WorkflowRunStatus.completed, [1])


@beside_the_loop
def test_a_worker_ends_loudly_under_a_taken_id_or_a_wrong_key(sdk: Client, installation: Installation) -> None:
    HandWorker(sdk, "sdk-taken").announce()
    config = WorkerConfig(worker_instance_id="sdk-taken", actions=[ECHO], poll_wait_seconds=1)
    with pytest.raises(WorkerInstanceConflictError):
        Worker(sdk, config, {}).run()
    stack = installation.stack
    keyless = Client("mbx_" + "0" * 43, base_url=stack.api_url, project=stack.project)
    with keyless, pytest.raises(AuthRevokedError):
        Worker(keyless, WorkerConfig(worker_instance_id="sdk-nobody", poll_wait_seconds=1), {}).run()
