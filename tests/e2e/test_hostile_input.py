"""Hostile schemas and documents are refused with their place, or done, in 200 ms of the service's processor; nothing is
fetched for them, and others do not wait."""

from base64 import b64encode
from collections.abc import AsyncIterator
from dataclasses import dataclass
from itertools import count

import aiohttp
import pytest

from libs.contracts.codec import Json, JsonObject, dump_json
from tests.e2e.calls import Caller, Reply
from tests.e2e.hostile import documents, schemas
from tests.e2e.hostile.effort import CPU_SECONDS, NEIGHBOUR_SECONDS, TRIES, Effort, least_effort
from tests.e2e.hostile.listener import Listener, listening
from tests.e2e.installation import Installation
from tests.e2e.test_bad_input import envelope
from tests.unit.contracts.test_schema_compat import HOSTILE

ENDPOINT = b"http://127.0.0.1:9/never"
SESSION = "hostile-worker"
CLAIM: JsonObject = {
    "worker_instance_id": SESSION,
    "worker_session_token": SESSION,
    "concurrency_limit": 10,
    "wait_seconds": 10,
}

_numbers = count()


@pytest.fixture(scope="module")
async def listener() -> AsyncIterator[Listener]:
    async with listening() as listener:
        yield listener


@dataclass(frozen=True)
class Ground:
    """A project with an action that is known, and a workflow that starts it."""

    installation: Installation
    caller: Caller
    workflow: str

    async def known(self) -> Reply:
        """A plain request to the catalog."""
        return await self.caller.get("actions/hostile-plain")

    async def run(self) -> Reply:
        """A plain request to the engine."""
        return await self.caller.get("runs?limit=1")

    async def jobs(self) -> Reply:
        """A plain request to the dispatcher."""
        return await self.caller.get("worker-sessions")


@pytest.fixture(scope="module")
async def ground(installation: Installation, caller: Caller) -> Ground:
    await caller.create("actions", {"name": "hostile-plain", "endpoint_url": ENDPOINT.decode()})
    return Ground(installation, caller, await workflow_of(caller, "hostile-plain"))


async def workflow_of(caller: Caller, action: str) -> str:
    spec: Json = {
        "name": action,
        "inputs": [{"name": "doc_id", "type": "string", "default": "x"}],
        "steps": [{"name": "a", "action": action, "parameters": {}}],
    }
    return (await caller.create("workflows", {"name": action, "spec": spec})).text("id")


def test_there_are_enough() -> None:
    assert len(schemas.NAMES) >= 40
    assert len(documents.RESULTS) + len(documents.BODIES) >= 20


@pytest.mark.parametrize("name", schemas.NAMES, ids=[name.replace(" ", "-") for name in schemas.NAMES])
async def test_a_hostile_schema_is_refused_with_its_place_or_taken(
    ground: Ground, listener: Listener, name: str
) -> None:
    async def register() -> Reply:
        number = next(_numbers)
        action, raw = f"hostile-{number}".encode(), schemas.body_of(name, listener.url, f"s{number}")
        body = b'{"name": "' + action + b'", "endpoint_url": "' + ENDPOINT + b'", "input_schema": ' + raw + b"}"
        return await ground.caller.call("POST", "actions", body)

    effort = await least_effort(ground.installation.stack.pid("catalog"), register, ground.known)

    if name in schemas.TAKEN:
        assert effort.reply.status == 201, effort.reply.raw
    else:
        assert_refused(effort.reply, "input_schema", is_json=name not in schemas.RAW)
    assert_light(effort)
    assert listener.calls == 0


@pytest.mark.parametrize("name", HOSTILE, ids=[name.replace(" ", "-") for name in HOSTILE])
async def test_a_hostile_change_is_judged(ground: Ground, name: str) -> None:
    old, new = HOSTILE[name]
    actions = [f"hostile-{next(_numbers)}" for _ in range(TRIES)]
    for action in actions:
        await ground.caller.create("actions", {"name": action, "endpoint_url": ENDPOINT.decode(), "input_schema": old})

    async def change() -> Reply:
        return await ground.caller.call("PATCH", f"actions/{actions.pop()}", dump_json({"input_schema": new}))

    effort = await least_effort(ground.installation.stack.pid("catalog"), change, ground.known)

    assert effort.reply.status in {200, 409}, effort.reply.raw
    if effort.reply.status == 409:
        envelope(effort.reply)
    assert_light(effort)


@pytest.mark.parametrize("name", documents.BODIES, ids=[name.replace(" ", "-") for name in documents.BODIES])
async def test_a_hostile_body_is_refused(ground: Ground, name: str) -> None:
    async def start() -> Reply:
        try:
            return await ground.caller.call("POST", f"workflows/{ground.workflow}/runs", documents.BODIES[name])
        except aiohttp.ClientError:  # the door may close before all of a large body is sent
            return Reply(413, {}, b"")

    effort = await least_effort(ground.installation.stack.pid("engine"), start, ground.run)

    assert effort.reply.status in {400, 413}, effort.reply.raw
    if effort.reply.raw:
        envelope(effort.reply)
    assert_light(effort)


@pytest.mark.parametrize("name", documents.RESULTS, ids=[name.replace(" ", "-") for name in documents.RESULTS])
async def test_a_hostile_result_is_judged(ground: Ground, name: str) -> None:
    caller, reported, action = ground.caller, documents.RESULTS[name], f"hostile-{next(_numbers)}"
    await caller.create(
        "actions", {"name": action, "endpoint_url": ENDPOINT.decode(), "output_schema": reported.schema}
    )
    workflow = await workflow_of(caller, action)
    claim: JsonObject = {**CLAIM, "actions": [action]}
    await caller.post("jobs/claim", {**claim, "wait_seconds": 0})  # from now on the endpoint is not called
    encoded = b64encode(reported.raw).decode()
    claimed = [await claimed_job(caller, workflow, claim) for _ in range(TRIES)]

    async def report() -> Reply:
        body: JsonObject = {"worker_session_token": SESSION, "attempt": 1, "status": "completed", "result_b64": encoded}
        return await caller.post(f"jobs/{claimed.pop()}/complete", body)

    effort = await least_effort(ground.installation.stack.pid("dispatcher"), report, ground.jobs)

    if effort.reply.status != 204:
        assert_refused(effort.reply, "result_b64", is_json=True)
    assert reported.fits is None or (effort.reply.status == 204) is reported.fits, effort.reply.raw
    assert_light(effort)


async def claimed_job(caller: Caller, workflow: str, claim: JsonObject) -> str:
    await caller.create(f"workflows/{workflow}/runs", {})
    return (await caller.post("jobs/claim", claim)).text("job_id")


def assert_refused(reply: Reply, field: str, *, is_json: bool) -> None:
    assert reply.status == 400 or (reply.status == 413 and field == "result_b64"), reply.raw
    _, place = envelope(reply)
    assert str(place).startswith(field) if is_json else place is None


def assert_light(effort: Effort) -> None:
    assert effort.cpu <= CPU_SECONDS
    assert effort.neighbour <= NEIGHBOUR_SECONDS
