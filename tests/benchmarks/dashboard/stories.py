"""What the engine would have said: workflows that use many actions, and runs of many steps.

Said to the audit's own handler, so the rows are those that the service would have written.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta

from libs.chassis.journal.entry import Context, Entry, entry
from libs.contracts.codec import JsonObject
from libs.contracts.events.engine import (
    RunStarted,
    StepCompleted,
    StepFailed,
    StepScheduled,
    StepStarted,
    WorkflowCreated,
)
from libs.contracts.payload import Payload
from tests.benchmarks.dashboard.sizes import action_name

WORKFLOWS = 5
LINEAR, LOOP = "run_bench_linear", "run_bench_loop"
LOOP_STEPS = 20
RUNNING = 8
"""Steps of the long run that somebody is at."""
FAILED_EVERY = 97
"""Every so many steps one has failed."""
STEP = timedelta(milliseconds=200)
PATH = "main"


@dataclass(slots=True)
class Stream:
    """What is said of one run or workflow, one after the other."""

    project: str
    name: str
    at: datetime
    said: list[Entry] = field(default_factory=list)

    def say(self, payload: Payload) -> None:
        """At the stream's present moment."""
        context = Context("engine", self.project, self.at, actor="key_bench")
        self.said.append(entry(context, self.name, len(self.said) + 1, self.name, payload))


def workflows(project: str, actions: int, now: datetime) -> Iterator[Entry]:
    """Each names two fifths of all actions, so that an action is used by two of them."""
    for number in range(WORKFLOWS):
        of_it = [one for one in range(actions) if (one - number) % WORKFLOWS < 2]
        stream = Stream(project, f"wf_bench_{number}", now - timedelta(days=40))
        spec = spec_of(f"Bench {number}", [f"step-{place}" for place in range(len(of_it))], of_it)
        stream.say(
            WorkflowCreated(
                workflow_id=stream.name,
                name=f"Bench {number}",
                handle=f"bench-{number}",
                spec={**spec},
                created_by="key_bench",
            )
        )
        yield from stream.said


def linear_run(project: str, steps: int, actions: int, now: datetime) -> Sequence[Entry]:
    """Step after step, each once: some failed, the last few are being worked at."""
    names = [f"step-{place:05}" for place in range(steps)]
    stream = _begun(
        project, LINEAR, spec_of("Bench of many steps", names, [place % actions for place in range(steps)]), now
    )
    for place, step in enumerate(names):
        _attempt(stream, step, 1, action_name(place % actions), _outcome(place, steps))
    return stream.said


def looping_run(project: str, attempts: int, actions: int, now: datetime) -> Sequence[Entry]:
    """The same few steps again and again."""
    names = [f"step-{place:05}" for place in range(LOOP_STEPS)]
    stream = _begun(
        project, LOOP, spec_of("Bench of many attempts", names, [place % actions for place in range(LOOP_STEPS)]), now
    )
    for number in range(attempts):
        round_, place = divmod(number, LOOP_STEPS)
        _attempt(stream, names[place], round_ + 1, action_name(place % actions), _outcome(number, attempts))
    return stream.said


def spec_of(name: str, steps: Sequence[str], actions: Sequence[int]) -> JsonObject:
    """A workflow of these steps in a row, and the numbers of their actions."""
    return {
        "name": name,
        "steps": [
            {"name": step, "action": action_name(action), "parameters": {"n": action}}
            for step, action in zip(steps, actions, strict=True)
        ],
    }


def _begun(project: str, run_id: str, spec: JsonObject, now: datetime) -> Stream:
    stream = Stream(project, run_id, now - timedelta(hours=1))
    name = spec["name"]
    assert isinstance(name, str)
    stream.say(RunStarted(workflow_name=name, spec={**spec}, queue="default", inputs={"order_id": "ord-1"}))
    return stream


def _outcome(place: int, count: int) -> str:
    if place >= count - RUNNING:
        return "running"
    return "failed" if place % FAILED_EVERY == FAILED_EVERY - 1 else "completed"


def _attempt(stream: Stream, step: str, attempt: int, action: str, outcome: str) -> None:
    """Scheduled, and then whatever became of it."""
    job, claimed_at = f"job_{stream.name}_{len(stream.said):05}", stream.at + STEP / 4
    stream.say(
        StepScheduled(
            run_id=stream.name,
            workflow_name="bench",
            path=PATH,
            step=step,
            attempt=attempt,
            kind="worker",
            action=action,
            invocation_id=job,
            queue="default",
            parameters={"order_id": "ord-1", "n": attempt},
        )
    )
    stream.at += STEP
    stream.say(_end(step, attempt, job, claimed_at, outcome))


def _end(step: str, attempt: int, job: str, claimed_at: datetime, outcome: str) -> Payload:
    if outcome == "running":
        return StepStarted(path=PATH, step=step, invocation_id=job, claimed_by="bench-worker-1", claimed_at=claimed_at)
    if outcome == "failed":
        return StepFailed(
            path=PATH,
            step=step,
            attempt=attempt,
            invocation_id=job,
            error_type="endpoint_error",
            error_message="expected 200, but the endpoint answered 503",
            claimed_at=claimed_at,
        )
    return StepCompleted(
        path=PATH, step=step, attempt=attempt, invocation_id=job, result={"ok": True}, claimed_at=claimed_at
    )
