"""What the rows name: one thing of every kind in a project, and makers of things that are used up."""

import asyncio
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime
from itertools import count
from typing import Literal

from libs.chassis.bus.producer import Message, Producer
from libs.chassis.ids import new_id
from libs.chassis.journal.entry import Context, entry
from libs.contracts.codec import Json, dump_json
from libs.contracts.events.dispatcher import JobClaimed
from libs.contracts.events.engine import StepScheduled
from libs.contracts.payload import Payload
from tests.doubles.slack import DEMO_TOKEN
from tests.e2e.calls import Caller
from tests.e2e.endpoint import PATIENCE_SECONDS, Endpoints
from tests.e2e.installation import Installation
from tests.e2e.operations.credentials import issue
from tests.e2e.operations.row import Places, Row

TOKEN = "operations"
CREDENTIALS: Mapping[str, Json] = {"slack": {"bot_token": DEMO_TOKEN}, "github": {"token": "ghp_operations"}}
"""By integration."""
PARKING: Sequence[tuple[str, Literal["engine", "dispatcher"]]] = (
    ("engine", "dispatcher"),
    ("audit", "dispatcher"),
    ("dispatcher", "engine"),
)
"""Who parks a stream of whom."""
EDITS: Sequence[str] = ("actions", "workflows", "integrations/none/test")
"""Changes that are refused anyway, one of each service that takes some."""


def spec_of(action: str) -> Json:
    return {"name": action, "steps": [{"name": "only", "action": action, "parameters": {"text": "a"}}]}


@dataclass
class Ground:
    """A project of its own, called `name`. `places` are ids that exist in it, by the names that rows use."""

    installation: Installation
    name: str = "ground"
    places: dict[str, str] = field(default_factory=dict)
    _numbers: "count[int]" = field(default_factory=count)

    @property
    def caller(self) -> Caller:
        """With an administrator's key of the whole installation."""
        return self.installation.caller_of(self.name, self.installation.stack.api_key)

    @property
    def endpoints(self) -> Endpoints:
        return self.installation.endpoints

    async def for_row(self, row: Row) -> Places:
        """The places for one request of a row. `{new}` is a name that nothing has yet."""
        made = await row.prepare(self) if row.prepare else {}
        return {**self.places, "new": self.new(), **made}

    def new(self) -> str:
        return f"{self.name}-{next(self._numbers)}"

    async def lay(self) -> None:
        """Makes the project and one thing of every kind, those of operators too."""
        await self.settle()
        for service, _ in PARKING:
            self.places[f"parked_{service}"] = await self.parked_stream(service)

    async def settle(self) -> None:
        """Makes the project and one thing of every kind that is in it."""
        project = await self.caller.create("/v1/projects", {"name": self.name, "handle": self.name})
        served, held = f"{self.name}-served", f"{self.name}-held"
        await self.endpoints.register(self.caller, served, lambda parameters: parameters)
        await self.endpoints.register(self.caller, held)
        workflow = await self.caller.create("workflows", {"name": self.name, "spec": spec_of(served)})
        run = await self.caller.create(f"workflows/{workflow.text('id')}/runs?wait_seconds=20", {})
        assert run.text("status") == "completed", run.raw
        self.places |= {
            "project": self.name,
            "project_id": project.text("id"),
            "home": self.name,
            "key": await self.key(),
            "action": served,
            "served": served,
            "held": held,
            "workflow": workflow.text("id"),
            "run": run.text("id"),
            "step": str((await self.caller.get(f"runs/{run.text('id')}/steps")).items[0]["id"]),
            "job": str((await self.caller.get(f"runs/{run.text('id')}/jobs")).items[0]["id"]),
        }
        self.places |= await self.spare_member()
        await self.connect("slack")

    async def archive(self) -> None:
        """Archives the project; every service that would take changes goes by it then."""
        await self._begin_life("archive")
        async with asyncio.timeout(PATIENCE_SECONDS):
            for path in EDITS:
                while (await self.caller.post(path, {})).status != 409:
                    await asyncio.sleep(0.02)

    async def restore(self) -> None:
        """Opens the project again, which holds at once."""
        await self._begin_life("restore")

    async def _begin_life(self, how: str) -> None:
        reply = await self.caller.call("POST", f"/v1/projects/{self.name}/{how}")
        assert reply.status == 200, reply.raw

    async def key(self) -> str:
        """The id of a new key of the project."""
        return (await issue(self.caller, self.name, "viewer"))[1]

    async def spare_project(self, *, archived: bool = False) -> Places:
        """A project that nobody uses."""
        spare = (await self.caller.create("/v1/projects", {"name": self.new()})).text("id")
        if archived:
            assert (await self.caller.call("POST", f"/v1/projects/{spare}/archive")).status == 200
        return {"spare": spare}

    async def spare_member(self) -> Places:
        """A project that nobody uses, and a key that was added to it."""
        spare, (_, key) = await self.spare_project(), await issue(self.caller, None, "viewer")
        await self.caller.create(f"/v1/projects/{spare['spare']}/members", {"user_id": key})
        return {**spare, "member": key}

    async def connect(self, slug: str) -> None:
        """Connects the project with an integration."""
        body = dump_json({"credentials": CREDENTIALS[slug]})
        reply = await self.caller.call("PUT", f"integrations/{slug}", body)
        assert reply.status in (200, 201), reply.raw

    async def spare_action(self) -> Places:
        """An action that nobody uses."""
        name = self.new()
        await self.caller.create("actions", {"name": name, "endpoint_url": self.endpoints.url})
        return {"action": name}

    async def held_job(self) -> Places:
        """A job that was claimed with TOKEN a moment ago, as its first attempt."""
        run = await self.active_run()
        claim: Json = {**self._claim(), "wait_seconds": 10}
        async with asyncio.timeout(PATIENCE_SECONDS):
            while (claimed := await self.caller.post("jobs/claim", claim)).text("run_id") != run["run"]:
                pass  # one that another request has left
        return {**run, "job": claimed.text("job_id")}

    async def active_run(self) -> Places:
        """A run whose only step waits for a worker."""
        await self.caller.post("jobs/claim", {**self._claim(), "queues": ["none"]})
        run = await self.caller.create("runs", {"mode": "inline", "spec": spec_of(self.places["held"])})
        return {"run": run.text("id")}

    def _claim(self) -> dict[str, Json]:
        return {
            "worker_instance_id": self.name,
            "worker_session_token": TOKEN,
            "concurrency_limit": 100,
            "actions": [self.places["held"]],
        }

    async def parked_stream(self, service: str) -> str:
        """The id of a stream that this service has just parked, because one of its events is missing."""
        speaker = dict(PARKING)[service]
        stream = new_id("run")
        producer = Producer(self.installation.stack.kafka_bootstrap, "e2e-operations")
        await producer.start()
        try:
            for sequence in (1, 3):
                context = Context(service=speaker, project=self.places["project"], now=datetime.now(UTC))
                said = entry(context, stream, sequence, stream, _said(speaker, stream))
                await producer.publish(said.topic, said.partition, [Message(stream.encode(), said.raw)])
        finally:
            await producer.stop()
        async with asyncio.timeout(PATIENCE_SECONDS):
            while True:
                page = await self.caller.get(f"/v1/operations/{service}/parked-streams?limit=200")
                for one in page.items:
                    if one["stream"] == stream:
                        return str(one["id"])
                await asyncio.sleep(0.1)


def _said(speaker: str, stream: str) -> Payload:
    """Something that its hearers take without a question."""
    if speaker == "engine":
        return StepScheduled(
            run_id=stream,
            workflow_name="w",
            path="main",
            step="s",
            attempt=1,
            kind="worker",
            action="operation-nobody-does-this",
            invocation_id=new_id("job"),
            queue="none",
            parameters={},
        )
    return JobClaimed(
        invocation_id=stream,
        run_id=stream,
        workflow_name="w",
        path="main",
        step="s",
        action="a",
        queue="default",
        attempt=1,
        claimed_by="worker",
        claimed_at=datetime.now(UTC),
    )
