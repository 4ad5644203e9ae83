"""What each consumer hears, as good records, and what their effect is in the tables of its service."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Protocol

from libs.chassis.db.link import Link
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, entry
from libs.contracts.codec import Json, JsonObject, parse_json
from libs.contracts.events.dispatcher import JobCompleted, JobProgressed
from libs.contracts.events.engine import StepScheduled
from libs.contracts.payload import Payload
from tests.integration.engine.running import DOCUMENT_SPEC
from tests.integration.engine.speaking import now
from tests.integration.poison.calls import Client


@dataclass(frozen=True)
class Stream:
    """One stream of good records, all about the same run."""

    id: str
    run_id: str


class Subject(Protocol):
    """`good` is the record with this sequence; `effects` are the sequences whose effects are in the tables."""

    async def open(self) -> Stream: ...

    def good(self, stream: Stream, sequence: int) -> bytes: ...

    async def effects(self, stream: Stream) -> list[int]: ...


def _raw(speaker: str, project: str, stream: Stream, sequence: int, payload: Payload) -> bytes:
    context = Context(service=speaker, project=project, now=now())
    return entry(context, stream.id, sequence, stream.run_id, payload).raw


def _invocation(stream: Stream, step: str) -> dict[str, object]:
    return {
        "run_id": stream.run_id,
        "workflow_name": "w",
        "path": "main",
        "step": step,
        "attempt": 1,
        "action": "a",
        "queue": "default",
    }


class JobsOfRuns:
    """What the engine hears: a job of a real run tells of its progress, which becomes an event of the run."""

    def __init__(self, client: Client, link: Link, project: str) -> None:
        self._client, self._link, self._project = client, link, project

    async def open(self) -> Stream:
        body = {"mode": "inline", "spec": DOCUMENT_SPEC, "inputs": {"doc_id": "d1"}}
        status, run = await self._client.call("POST", f"/v1/projects/{self._project}/runs", body)
        assert status == 202, run
        events = await self._events(str(run["id"]))
        [scheduled] = [event["data"] for event in events if event["type"] == "step.scheduled"]
        assert isinstance(scheduled, dict)
        return Stream(str(scheduled["invocation_id"]), str(run["id"]))

    def good(self, stream: Stream, sequence: int) -> bytes:
        fields = {**_invocation(stream, "summarize"), "invocation_id": stream.id, "path": "main"}
        payload = JobProgressed.model_validate({**fields, "name": f"p{sequence}", "payload": {}})
        return _raw("dispatcher", self._project, stream, sequence, payload)

    async def effects(self, stream: Stream) -> list[int]:
        events = await self._events(stream.run_id)
        told = [event["data"] for event in events if event["type"] == "step.progressed"]
        return [int(str(one["name"])[1:]) for one in told if isinstance(one, dict)]

    async def _events(self, run_id: str) -> list[JsonObject]:
        rows = await self._link.rows("SELECT event FROM journal WHERE stream = $1 ORDER BY seq", run_id)
        return [_object(parse_json(row["event"])) for row in rows]


class StepsOfRuns:
    """What the dispatcher hears: a run schedules steps, which become claimable."""

    def __init__(self, _client: Client, link: Link, project: str) -> None:
        self._link, self._project = link, project

    async def open(self) -> Stream:
        run_id = new_id("run")
        return Stream(run_id, run_id)

    def good(self, stream: Stream, sequence: int) -> bytes:
        fields = {**_invocation(stream, f"s{sequence}"), "invocation_id": f"job_{stream.id}_{sequence}"}
        payload = StepScheduled.model_validate({**fields, "kind": "worker", "parameters": {}})
        return _raw("engine", self._project, stream, sequence, payload)

    async def effects(self, stream: Stream) -> list[int]:
        rows = await self._link.rows("SELECT job_id FROM ready WHERE run_id = $1", stream.run_id)
        return sorted(int(row["job_id"].rpartition("_")[2]) for row in rows)


class AttemptsOfRuns(StepsOfRuns):
    """What the audit hears of the engine: a run schedules steps, each of which becomes an attempt."""

    async def effects(self, stream: Stream) -> list[int]:
        rows = await self._link.rows("SELECT id FROM run_attempts WHERE run_id = $1", stream.run_id)
        return sorted(int(row["id"].rpartition("_")[2]) for row in rows)


class EndsOfJobs:
    """What the audit hears of the dispatcher: invocations that ended, each of which becomes a row."""

    def __init__(self, _client: Client, link: Link, project: str) -> None:
        self._link, self._project = link, project

    async def open(self) -> Stream:
        return Stream(new_id("job"), new_id("run"))

    def good(self, stream: Stream, sequence: int) -> bytes:
        finished = {"claimed_by": "w", "scheduled_at": now(), "claimed_at": now(), "kind": "worker", "parameters": {}}
        fields = {**_invocation(stream, "s"), **finished, "invocation_id": f"{stream.id}_{sequence}", "result": None}
        return _raw("dispatcher", self._project, stream, sequence, JobCompleted.model_validate(fields))

    async def effects(self, stream: Stream) -> list[int]:
        rows = await self._link.rows("SELECT id FROM invocations WHERE run_id = $1", stream.run_id)
        return sorted(int(row["id"].rpartition("_")[2]) for row in rows)


def _object(value: Json) -> JsonObject:
    assert isinstance(value, dict)
    return value


SUBJECTS: Mapping[tuple[str, str], type[JobsOfRuns] | type[StepsOfRuns] | type[EndsOfJobs]] = {
    ("engine", "mobius.dispatcher-events.v1"): JobsOfRuns,
    ("dispatcher", "mobius.engine-events.v1"): StepsOfRuns,
    ("audit", "mobius.dispatcher-events.v1"): EndsOfJobs,
    ("audit", "mobius.engine-events.v1"): AttemptsOfRuns,
}
"""By service and topic."""
