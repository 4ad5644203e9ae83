"""Projects and keys made over HTTP, as an administrator makes them, and what is answered to their holders."""

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass

from libs.chassis.ids import new_id
from libs.contracts.codec import Json, JsonObject
from libs.contracts.topics import SERVICES
from tests.e2e.calls import Caller, Reply
from tests.e2e.installation import Installation

READS: Mapping[str, str] = {
    "catalog": "actions",
    "engine": "runs",
    "dispatcher": "worker-sessions",
    "audit": "action-audit-log",
}
"""By service, a list of a project that it answers."""

WITHIN_SECONDS = 5
"""How long it may take until a key or a project that has ended has ended everywhere."""


@dataclass(frozen=True)
class Tenant:
    """A project and a key of it. `caller` holds the key and goes through the gateway."""

    installation: Installation
    project: str
    project_id: str
    key_id: str
    token: str

    @property
    def caller(self) -> Caller:
        return self.installation.caller_of(self.project, self.token)

    def at(self, service: str) -> Caller:
        """The same caller at a service's own address."""
        return self.installation.caller_of(self.project, self.token, self.installation.stack.service_url(service))

    async def read_everywhere(self) -> list[Reply]:
        """One list from each service, in their order."""
        return list(await asyncio.gather(*(self.at(name).get(READS[name]) for name in SERVICES)))

    async def until_everywhere(self, status: int) -> list[Reply]:
        """Returns when every service answers so. Raises TimeoutError when that takes too long."""
        async with asyncio.timeout(WITHIN_SECONDS):
            replies = await self.read_everywhere()
            while {reply.status for reply in replies} != {status}:
                await asyncio.sleep(0.05)
                replies = await self.read_everywhere()
        return replies


async def key_of(caller: Caller, role: str, project: str | None, **more: Json) -> JsonObject:
    """A new key; the answer has it."""
    scope: JsonObject = {} if project is None else {"project": project}
    return (await caller.create("/v1/api-keys", {"name": f"a {role}", "role": role, **scope, **more})).json


async def moved_in(installation: Installation, role: str = "admin", **more: Json) -> Tenant:
    """A new project and a key for it."""
    caller = installation.caller
    project = (await caller.create("/v1/projects", {"name": new_id("Tenant").replace("_", " "), **more})).json
    handle = str(project["handle"])
    key = await key_of(caller, role, handle)
    return Tenant(installation, handle, str(project["id"]), str(key["id"]), str(key["key"]))


def polling(*actions: str, wait_seconds: int = 30) -> JsonObject:
    """The body of a claim; nobody gives it a job, because its queue is nobody's."""
    return {
        "worker_instance_id": new_id("w"),
        "worker_session_token": "t",
        "concurrency_limit": 1,
        "queues": ["nobodys"],
        "actions": list(actions),
        "wait_seconds": wait_seconds,
    }
