"""What the bad requests are about."""

from collections.abc import Mapping
from dataclasses import dataclass

from libs.contracts.codec import Json, JsonObject
from tests.e2e.calls import Caller
from tests.e2e.endpoint import Endpoints


@dataclass(frozen=True)
class Ground:
    """A registered action, a saved workflow, a run of it, and its claimed job."""

    caller: Caller
    places: Mapping[str, str]

    async def what_is_there(self) -> tuple[Json, ...]:
        """The newest of everything that a request could make, and the workflow that it could change."""
        names = ("actions", "workflows", "runs", "/v1/projects", "/v1/api-keys")
        lists = [await self.caller.get(f"{name}?limit=1") for name in names]
        return (*(one.items[0]["id"] for one in lists), (await self.caller.get(self._workflow)).json)

    @property
    def _workflow(self) -> str:
        return f"workflows/{self.places['workflow']}"


async def made(caller: Caller, endpoints: Endpoints) -> Ground:
    """Makes all of it, once for an installation."""
    text: Json = {"type": "string", "minLength": 1}
    await endpoints.register(
        caller,
        "bad-target",
        input_schema={
            "type": "object",
            "properties": {"doc_id": text},
            "required": ["doc_id"],
            "additionalProperties": False,
        },
    )
    spec: Json = {
        "name": "ground",
        "inputs": [{"name": "doc_id", "type": "string"}, {"name": "count", "type": "integer", "default": 1}],
        "steps": [{"name": "a", "action": "bad-target", "parameters": {"doc_id": "${inputs.doc_id}"}}],
    }
    workflow = (await caller.create("workflows", {"name": "ground", "spec": spec})).text("id")
    claim: JsonObject = {
        "worker_instance_id": "bad-worker",
        "worker_session_token": "bad-worker",
        "concurrency_limit": 1,
        "actions": ["bad-target"],
        "wait_seconds": 10,
    }
    await caller.post("jobs/claim", {**claim, "wait_seconds": 0})  # from now on the endpoint is not called
    run = (await caller.create(f"workflows/{workflow}/runs", {"inputs": {"doc_id": "x"}})).text("id")
    job = (await caller.post("jobs/claim", claim)).text("job_id")
    return Ground(caller, {"workflow": workflow, "run": run, "job": job})
