"""Says what the catalog and the engine would say, on the real topics, for tests of the dispatcher alone."""

from dataclasses import dataclass, field
from datetime import UTC, datetime

from libs.chassis.bus.producer import Message, Producer
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, entry
from libs.contracts.api_keys import token_sha256
from libs.contracts.events.catalog import ApiKeyState, ProjectState
from libs.contracts.events.engine import StepScheduled
from libs.contracts.payload import Payload
from services.dispatcher.domain.jobs import Kind

TOKEN = "mbx_test-of-the-dispatcher-0123456789"


def now() -> datetime:
    return datetime.now(UTC)


@dataclass
class Speaker:
    """Each payload goes out on the topic of its type, as the next of its stream."""

    producer: Producer
    project: str
    traceparent: str | None = None
    _sequences: dict[str, int] = field(default_factory=dict)

    async def say(self, service: str, stream: str, key: str, payload: Payload) -> None:
        self._sequences[stream] = self._sequences.get(stream, 0) + 1
        context = Context(service=service, project=self.project, now=now(), traceparent=self.traceparent)
        said = entry(context, stream, self._sequences[stream], key, payload)
        await self.producer.publish(said.topic, said.partition, [Message(key.encode(), said.raw)])

    async def open_project(self) -> None:
        """The project, and an admin's key for all."""
        handle = self.project
        await self.say("catalog", f"ps/{handle}", handle, ProjectState(project_id="prj_1", handle=handle, name=handle))
        key = ApiKeyState(key_id="key_1", token_sha256=token_sha256(TOKEN), name="test", role="admin")
        await self.say("catalog", f"ks/{handle}", "key_1", key)

    async def schedule(
        self, run_id: str, step: str = "work", action: str = "work", kind: Kind = "worker"
    ) -> StepScheduled:
        scheduled = StepScheduled(
            run_id=run_id,
            workflow_name="w",
            path="main",
            step=step,
            attempt=1,
            kind=kind,
            action=action,
            invocation_id=new_id("job"),
            queue="default",
            parameters={"number": 1.0, "nothing": None},
        )
        await self.say("engine", run_id, run_id, scheduled)
        return scheduled
