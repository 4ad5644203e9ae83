"""The life of a project, through the gateway: archived it lets work drain, restored it goes on, deleted it is gone."""

import asyncio
from base64 import b64encode

import asyncpg
import pytest

from libs.contracts.codec import Json, JsonObject, dump_json
from tests.e2e.calls import Caller, Reply
from tests.e2e.installation import Installation
from tests.e2e.tenants import WITHIN_SECONDS, Tenant, moved_in, polling

ACTION: JsonObject = {"name": "work", "endpoint_url": "http://127.0.0.1:9/"}
SPEC: Json = {"name": "work", "steps": [{"name": "a", "action": "work"}, {"name": "b", "action": "work"}]}
INLINE: JsonObject = {"mode": "inline", "spec": SPEC}


@pytest.fixture
async def tenant(installation: Installation) -> Tenant:
    tenant = await moved_in(installation)
    await tenant.caller.create("actions", ACTION)
    return tenant


class Worker:
    """Does the steps of `work` by hand."""

    def __init__(self, caller: Caller) -> None:
        self._caller = caller
        self.asking: JsonObject = {**polling("work", wait_seconds=10), "queues": []}

    async def announce(self) -> None:
        assert (await self._caller.post("jobs/claim", {**self.asking, "wait_seconds": 0})).status == 204

    async def work(self) -> None:
        job = (await self._caller.post("jobs/claim", self.asking)).json
        result: JsonObject = {
            "worker_session_token": self.asking["worker_session_token"],
            "attempt": job["attempt"],
            "status": "completed",
            "result_b64": b64encode(dump_json(None)).decode(),
        }
        assert (await self._caller.post(f"jobs/{job['job_id']}/complete", result)).status == 204


async def until(caller: Caller, path: str, body: Json, status: int) -> Reply:
    """Asks again until it is answered so, for as long as that may take."""
    async with asyncio.timeout(WITHIN_SECONDS):
        while (reply := await caller.post(path, body)).status != status:
            await asyncio.sleep(0.02)
    return reply


async def test_an_archived_project_lets_runs_drain_and_takes_nothing_new(tenant: Tenant) -> None:
    caller, path = tenant.caller, f"/v1/projects/{tenant.project_id}"
    worker = Worker(caller)
    await worker.announce()
    draining = (await caller.create("runs", INLINE)).text("id")
    cancelled = (await caller.create("runs", INLINE)).text("id")
    workflow = (await caller.create("workflows", {"name": "work", "spec": SPEC})).text("id")
    assert (await caller.call("POST", f"{path}/archive")).status == 200

    refused = [
        await until(caller, "runs", INLINE, 409),
        await until(caller, "actions", {**ACTION, "name": "other"}, 409),
        await caller.post(f"workflows/{workflow}/runs", {}),
        await caller.post("workflows", {"name": "other", "spec": SPEC}),
        await caller.call("PATCH", f"workflows/{workflow}", b'{"name":"x"}'),
        await caller.call("PATCH", path, b'{"name":"x"}'),
    ]
    assert {(reply.status, code_of(reply)) for reply in refused} == {(409, "project_archived")}
    assert {reply.status for reply in await tenant.read_everywhere()} == {200}
    assert (await caller.call("POST", f"runs/{cancelled}/cancellations")).status == 204
    await worker.work()
    await worker.work()
    await ended(caller, draining, "completed")
    assert (await caller.call("POST", f"{path}/restore")).status == 200
    assert (await caller.post("runs", INLINE)).status == 202
    assert (await caller.post("actions", {**ACTION, "name": "other"})).status == 201


def code_of(reply: Reply) -> Json:
    error = reply.json["error"]
    assert isinstance(error, dict)
    return error["code"]


async def ended(caller: Caller, run_id: str, status: str) -> None:
    async with asyncio.timeout(20):
        while (await caller.get(f"runs/{run_id}")).json["status"] != status:
            await asyncio.sleep(0.05)


async def test_a_deleted_project_is_gone_everywhere_within_seconds_also_for_who_waits(tenant: Tenant) -> None:
    admin, path = tenant.installation.caller, f"/v1/projects/{tenant.project_id}"
    await Worker(tenant.caller).announce()
    run_id = (await tenant.caller.create("runs", INLINE)).text("id")
    poll = asyncio.create_task(tenant.caller.post("jobs/claim", polling("nothing")))
    stream = asyncio.create_task(tenant.caller.get(f"runs/{run_id}/events"))
    await admin.call("POST", f"{path}/archive")
    await asyncio.sleep(0.3)
    assert not any(wait.done() for wait in (poll, stream))
    assert (await admin.call("DELETE", path)).status == 204

    async with asyncio.timeout(WITHIN_SECONDS):
        assert (await poll).status in (404, 401)  # its key is revoked soon after
        assert b"event: run_updated" in (await stream).raw
    everybodys = Tenant(tenant.installation, tenant.project, "", "", tenant.installation.stack.api_key)
    nowhere = Tenant(tenant.installation, "never-was", "", "", tenant.installation.stack.api_key)
    gone = {reply.raw for reply in await everybodys.until_everywhere(404)}
    assert gone == {reply.raw for reply in await nowhere.read_everywhere()}
    assert len(gone) == 1
    async with asyncio.timeout(2 * WITHIN_SECONDS):
        while {reply.status for reply in await tenant.read_everywhere()} != {401}:
            await asyncio.sleep(0.05)
    assert (await admin.get(f"/v1/api-keys/{tenant.key_id}")).json["status"] == "revoked"
    await until_cancelled(tenant.installation, run_id)


async def until_cancelled(installation: Installation, run_id: str) -> None:
    """What ran in a deleted project is ended; only the database still tells."""
    connection = await asyncpg.connect(installation.stack.postgres_url)
    try:
        async with asyncio.timeout(20):
            while await connection.fetchval("SELECT status FROM engine.runs WHERE run_id = $1", run_id) != "failed":
                await asyncio.sleep(0.1)
    finally:
        await connection.close()


async def test_a_restricted_project_is_open_to_its_members_at_every_service(installation: Installation) -> None:
    tenant = await moved_in(installation, access_mode="restricted")
    admin = installation.caller
    key = (await admin.create("/v1/api-keys", {"name": "guest", "role": "author"})).json
    guest = Tenant(installation, tenant.project, "", str(key["id"]), str(key["key"]))
    assert {reply.status for reply in await guest.read_everywhere()} == {404}
    members = f"/v1/projects/{tenant.project_id}/members"
    await admin.create(members, {"user_id": guest.key_id})
    assert {reply.status for reply in await guest.read_everywhere()} == {200}

    assert (await admin.call("DELETE", f"{members}/{guest.key_id}")).status == 204
    await guest.until_everywhere(404)
    assert {reply.status for reply in await tenant.read_everywhere()} == {200}


async def test_a_project_says_how_long_its_workers_may_be_silent(tenant: Tenant) -> None:
    config: Json = [{"category": "timeouts", "key": "liveness", "value": "45s"}]
    reply = await tenant.caller.call("PUT", f"/v1/projects/{tenant.project_id}/config", dump_json(config))
    assert (reply.status, reply.raw) == (200, dump_json(config))
    worker = Worker(tenant.caller)
    await worker.announce()
    await tenant.caller.create("runs", INLINE)
    asked: JsonObject = {**worker.asking}
    await asyncio.sleep(1)  # settings reach the dispatcher within seconds

    job = (await tenant.caller.post("jobs/claim", asked)).json
    assert job["heartbeat_interval_seconds"] == 1, "the installation's own interval is shorter, and stays"
    await asyncio.sleep(4)  # the installation's own lease is 3 s
    beat: JsonObject = {"worker_session_token": asked["worker_session_token"], "attempt": job["attempt"]}
    assert (await tenant.caller.post(f"jobs/{job['job_id']}/heartbeat", beat)).status == 200
