"""Says what the catalog and the dispatcher would say, on the real topics, for tests of the engine alone."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from libs.chassis.bus.producer import Message, Producer
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, Entry, entry
from libs.contracts.api_keys import token_sha256
from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.catalog import ActionState, Annotations, ApiKeyState, ProjectState, Role, SealedSecret
from libs.contracts.events.dispatcher import (
    InvocationCompleted,
    JobClaimed,
    JobCompleted,
    JobFailed,
    JobProgressed,
    PlatformActionState,
)
from libs.contracts.payload import Payload

TOKENS: dict[Role, str] = {
    role: f"mbx_test-of-the-engine-{role}-0123456789" for role in ("admin", "author", "worker", "viewer")
}
DOC_SCHEMA: JsonObject = {"type": "object", "required": ["doc_id"], "properties": {"doc_id": {"type": "string"}}}
ANY_SCHEMA: JsonObject = {"type": "object"}


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Speaker:
    """Each payload goes out on the topic of its type, as the next of its stream."""

    producer: Producer
    project: str
    _sequences: dict[str, int] = field(default_factory=dict)

    async def say(self, service: str, stream: str, key: str, payload: Payload) -> Entry:
        said = self.next(service, stream, key, payload)
        await self.send([said])
        return said

    def next(self, service: str, stream: str, key: str, payload: Payload) -> Entry:
        self._sequences[stream] = self._sequences.get(stream, 0) + 1
        context = Context(service=service, project=self.project, now=now())
        return entry(context, stream, self._sequences[stream], key, payload)

    async def send(self, said: Sequence[Entry]) -> None:
        for one in said:
            await self.producer.publish(one.topic, one.partition, [Message(one.event.partitionkey.encode(), one.raw)])

    async def open_project(self) -> None:
        """The project, a key of each role, one action of its own and one of the platform."""
        handle = self.project
        await self.say("catalog", f"ps/{handle}", handle, ProjectState(project_id="prj_1", handle=handle, name=handle))
        for role, token in TOKENS.items():
            key_id = f"key_{role}_of_the_engine"
            state = ApiKeyState(key_id=key_id, token_sha256=token_sha256(token), name=role, role=role)
            await self.say("catalog", f"ks/{key_id}", key_id, state)
        await self.register("summarize-document", DOC_SCHEMA)
        await self.offer("slack.post-message")

    async def register(self, name: str, input_schema: "JsonObject | None" = None) -> None:
        """An action of the project."""
        key = f"{self.project}/{name}"
        state = ActionState(
            action_id=new_id("act"),
            project=self.project,
            name=name,
            endpoint_url="http://127.0.0.1:9/hook",
            input_schema=input_schema,
            secrets=[SealedSecret(version=1, sealed="sealed")],
        )
        await self.say("catalog", f"as/{key}", key, state)

    async def offer(self, name: str) -> None:
        """An action of the platform."""
        state = PlatformActionState(
            name=name,
            integration="slack",
            title=name,
            description=name,
            input_schema=ANY_SCHEMA,
            output_schema=ANY_SCHEMA,
            annotations=Annotations(),
            available=True,
        )
        await self.say("dispatcher", f"pas/{name}", name, state)

    def completed(self, scheduled: JsonObject, result: Json) -> Entry:
        """The result of a step that is scheduled, as `job.completed` or `invocation.completed`."""
        kind = JobCompleted if scheduled["kind"] == "worker" else InvocationCompleted
        payload = kind.model_validate({**_finished(scheduled), "result": result})
        return self._about(scheduled, payload)

    def failed(self, scheduled: JsonObject, error_type: str = "Boom") -> Entry:
        """The failure of a step that is scheduled."""
        more = {"error_type": error_type, "error_message": "it did not work"}
        return self._about(scheduled, JobFailed.model_validate({**_finished(scheduled), **more}))

    def claimed(self, scheduled: JsonObject) -> Entry:
        fields = {**_of_invocation(scheduled), "claimed_by": "worker-1", "claimed_at": now()}
        return self._about(scheduled, JobClaimed.model_validate(fields))

    def progressed(self, scheduled: JsonObject, name: str, payload: JsonObject) -> Entry:
        fields = {**_of_invocation(scheduled), "name": name, "payload": payload}
        return self._about(scheduled, JobProgressed.model_validate(fields))

    def _about(self, scheduled: JsonObject, payload: Payload) -> Entry:
        return self.next("dispatcher", str(scheduled["invocation_id"]), str(scheduled["run_id"]), payload)


def _of_invocation(scheduled: JsonObject) -> dict[str, object]:
    names = ("invocation_id", "run_id", "workflow_name", "path", "step", "action", "queue", "attempt")
    return {name: scheduled[name] for name in names}


def _finished(scheduled: JsonObject) -> dict[str, object]:
    return {
        **_of_invocation(scheduled),
        "kind": scheduled["kind"],
        "parameters": scheduled["parameters"],
        "claimed_by": "worker-1",
        "scheduled_at": now(),
        "claimed_at": now(),
    }
