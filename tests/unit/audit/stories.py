"""What engine and dispatcher say of a few runs, told in any order that keeps each stream's own, and in any batches."""

from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from random import Random
from typing import Final

from libs.chassis.bus.batch import Heard, Record
from libs.chassis.journal.entry import Context, entry
from libs.contracts.events.dispatcher import JobClaimed, JobClosed, JobCompleted, JobLeaseExpired
from libs.contracts.events.engine import (
    RunCompleted,
    RunFailed,
    RunStarted,
    StepCompleted,
    StepFailed,
    StepScheduled,
    StepStarted,
    WorkflowCreated,
    WorkflowUpdated,
)
from libs.contracts.payload import JsonValue, Payload
from tests.doubles.clock import NOON

PROJECT: Final = "default"
SPEC: Final[dict[str, JsonValue]] = {"name": "w", "steps": [{"name": "s", "action": "a"}, {"name": "j", "join": {}}]}
SECOND = timedelta(seconds=1)


def at(seconds: float) -> datetime:
    return NOON + seconds * SECOND


class Stream:
    """The events of one stream, as they are heard."""

    def __init__(self, speaker: str, stream: str, key: str, project: str = PROJECT) -> None:
        self._speaker, self._stream, self._key, self._project = speaker, stream, key, project
        self.heard: list[Heard] = []

    def say(self, seconds: float, payload: Payload) -> "Stream":
        context = Context(self._speaker, self._project, at(seconds), actor="key_1")
        said = entry(context, self._stream, len(self.heard) + 1, self._key, payload)
        record = Record(said.topic.name, said.partition, len(self.heard), 0, self._key.encode(), said.raw)
        self.heard.append(Heard(said.event, record))
        return self


def of_job(run_id: str, job_id: str, attempt: int = 1, action: str = "a") -> dict[str, object]:
    return {
        "invocation_id": job_id,
        "run_id": run_id,
        "workflow_name": "w",
        "path": "main",
        "step": "s",
        "action": action,
        "queue": "default",
        "attempt": attempt,
    }


def scheduled(run_id: str, job_id: str, attempt: int = 1, step: str = "s") -> StepScheduled:
    fields = {**of_job(run_id, job_id, attempt), "kind": "worker", "parameters": {}, "step": step}
    return StepScheduled.model_validate(fields)


def claimed(run_id: str, job_id: str, seconds: float, by: str, attempt: int = 1) -> JobClaimed:
    return JobClaimed.model_validate({**of_job(run_id, job_id, attempt), "claimed_by": by, "claimed_at": at(seconds)})


def expired(run_id: str, job_id: str, seconds: float, by: str, attempt: int = 1) -> JobLeaseExpired:
    fields = {**of_job(run_id, job_id, attempt), "claimed_by": by, "claimed_at": at(seconds)}
    return JobLeaseExpired.model_validate(fields)


def done(run_id: str, job_id: str, began: float, by: str = "w1", action: str = "a") -> JobCompleted:
    finished = {"claimed_by": by, "scheduled_at": at(began), "claimed_at": at(began), "kind": "worker"}
    fields = {**of_job(run_id, job_id, 1, action), **finished, "parameters": {"n": 1}, "result": {"ok": True}}
    return JobCompleted.model_validate(fields)


def started(**more: object) -> RunStarted:
    fields = {"workflow_name": "w", "spec": SPEC, "queue": "default", "inputs": {"n": 1}, **more}
    return RunStarted.model_validate(fields)


def step_started(job_id: str, seconds: float, by: str) -> StepStarted:
    return StepStarted(path="main", step="s", invocation_id=job_id, claimed_by=by, claimed_at=at(seconds))


def step_completed(job_id: str, seconds: float) -> StepCompleted:
    return StepCompleted(path="main", step="s", attempt=1, invocation_id=job_id, claimed_at=at(seconds), result=1)


def smooth(run_id: str, project: str = PROJECT) -> list[Stream]:
    """A run of a saved version whose only job is lost once and done the second time."""
    job, saved = f"job_{run_id}", f"wf_{run_id[4:-1]}1"
    engine = Stream("engine", run_id, run_id, project)
    engine.say(0, started(definition_id=saved, definition_version=2, external_id="e", tags={"t": "1"}))
    engine.say(0, scheduled(run_id, job)).say(2, step_started(job, 1, "w1")).say(9, step_started(job, 8, "w2"))
    engine.say(12, step_completed(job, 8)).say(12, RunCompleted(outputs={"x": [1]}))
    dispatcher = Stream("dispatcher", job, run_id, project)
    dispatcher.say(2, claimed(run_id, job, 1, "w1")).say(7, expired(run_id, job, 1, "w1"))
    dispatcher.say(9, claimed(run_id, job, 8, "w2", 2)).say(11, done(run_id, job, 8, "w2"))
    return [engine, dispatcher]


def broken(run_id: str, project: str = PROJECT) -> list[Stream]:
    """An inline run with a step that could not be scheduled, while a job of it was held, and another waited."""
    held, waiting = f"job_{run_id}_1", f"job_{run_id}_2"
    engine = Stream("engine", run_id, run_id, project).say(20, started())
    engine.say(20, scheduled(run_id, held)).say(20, scheduled(run_id, waiting, step="later"))
    engine.say(25, StepFailed(path="p", step="odd", attempt=1, error_type="invalid_parameters", error_message="no"))
    engine.say(25, RunFailed(error_type="step_failed", error_message="odd failed", closed=[held, waiting]))
    dispatcher = Stream("dispatcher", held, run_id, project).say(22, claimed(run_id, held, 21, "w3"))
    gone = {"kind": "worker", "parameters": {}, "claimed_by": "w3", "claimed_at": at(21), "reason": "run_failed"}
    dispatcher.say(26, JobClosed.model_validate({**of_job(run_id, held), **gone}))
    return [engine, dispatcher]


def lost(run_id: str, project: str = PROJECT) -> list[Stream]:
    """A run whose only job was taken and given up, and waits again."""
    job = f"job_{run_id}"
    engine = Stream("engine", run_id, run_id, project).say(30, started()).say(30, scheduled(run_id, job))
    dispatcher = Stream("dispatcher", job, run_id, project).say(38, expired(run_id, job, 31, "w1"))
    return [engine, dispatcher]


def workflow(workflow_id: str = "wf_1", handle: str = "w", project: str = PROJECT) -> Stream:
    """A definition that was saved, given a second version, and renamed."""
    named: dict[str, object] = {"workflow_id": workflow_id, "name": "W"}
    first = WorkflowCreated.model_validate({**named, "handle": handle, "spec": {"steps": []}, "created_by": "key_1"})
    second = WorkflowUpdated.model_validate({**named, "latest_version": 2, "spec": SPEC, "updated_by": "key_2"})
    third = WorkflowUpdated.model_validate({**named, "name": "W2", "latest_version": 2, "updated_by": "key_3"})
    return Stream("engine", workflow_id, workflow_id, project).say(-9, first).say(-8, second).say(-7, third)


def all_streams(mark: str = "", project: str = PROJECT) -> list[Stream]:
    """`mark` tells the ids of one telling from those of another."""
    smooth_ones = [*smooth(f"run_{mark}1", project), *smooth(f"run_{mark}2", project)]
    others = [*broken(f"run_{mark}3", project), *lost(f"run_{mark}4", project)]
    return [workflow(f"wf_{mark}1", project=project), *smooth_ones, *others]


def batches(streams: Sequence[Stream], random: Random, most: int = 12) -> Iterator[list[Heard]]:
    """The streams, woven into one another at random, in batches of random size; now and then a batch comes again."""
    left = [list(stream.heard) for stream in streams]
    batch: list[Heard] = []
    size = random.randint(1, most)
    while any(left):
        batch.append(random.choice([stream for stream in left if stream]).pop(0))
        if len(batch) >= size or not any(left):
            yield batch
            if random.random() < 0.2:
                yield batch
            batch, size = [], random.randint(1, most)
