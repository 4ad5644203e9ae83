"""API keys, through the gateway: usable at once everywhere, and ended everywhere within seconds, also for who waits."""

import asyncio
from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta
from time import monotonic

import pytest
from deepnoodle.mobius import Client

from libs.chassis.ids import new_id
from libs.contracts.codec import Json, JsonObject
from libs.contracts.topics import SERVICES
from tests.e2e.calls import Caller, Reply
from tests.e2e.installation import Installation
from tests.e2e.tenants import WITHIN_SECONDS, Tenant, key_of, moved_in, polling
from tests.e2e.threads import beside_the_loop

CREATES, CALLERS = 200, 16


@pytest.fixture
async def tenant(installation: Installation) -> Tenant:
    return await moved_in(installation)


async def ended_after(began: float, waiting: "asyncio.Task[Reply]") -> tuple[float, Reply]:
    reply = await waiting
    return monotonic() - began, reply


@pytest.fixture
async def open_run(tenant: Tenant) -> AsyncIterator[str]:
    """A run that does not end, because a worker that is never given its job lists its action."""
    admin = tenant.installation.caller_of(tenant.project, tenant.installation.stack.api_key)
    await admin.create("actions", {"name": "kept-open", "endpoint_url": "http://127.0.0.1:9/"})
    lister = asyncio.create_task(admin.post("jobs/claim", polling("kept-open")))
    await until_waiting(admin, 1)
    yield (await admin.create("runs", inline("kept-open"))).text("id")
    lister.cancel()
    await asyncio.gather(lister, return_exceptions=True)


def inline(action: str) -> JsonObject:
    spec: Json = {"name": action, "steps": [{"name": "a", "action": action}]}
    return {"mode": "inline", "spec": spec}


async def until_waiting(caller: Caller, count: int) -> None:
    """Returns when so many workers are known."""
    async with asyncio.timeout(10):
        while len((await caller.get("worker-sessions")).items) < count:
            await asyncio.sleep(0.02)


async def test_open_polls_and_streams_end_within_seconds_of_the_revocation(tenant: Tenant, open_run: str) -> None:
    waits: dict[str, asyncio.Task[Reply]] = {}
    for place, caller in (("gateway", tenant.caller), ("dispatcher", tenant.at("dispatcher"))):
        waits[f"poll {place}"] = asyncio.create_task(caller.post("jobs/claim", polling("other")))
    for place, caller in (("gateway", tenant.caller), ("engine", tenant.at("engine"))):
        waits[f"stream {place}"] = asyncio.create_task(caller.get(f"runs/{open_run}/events?since=0"))
        waits[f"wait {place}"] = asyncio.create_task(caller.post("runs?wait_seconds=30", inline("kept-open")))
    admin = tenant.installation.caller_of(tenant.project, tenant.installation.stack.api_key)
    await until_waiting(admin, 3)
    async with asyncio.timeout(10):
        while len((await admin.get("runs")).items) < 3:
            await asyncio.sleep(0.02)
    assert not any(wait.done() for wait in waits.values())

    began = monotonic()
    assert (await admin.call("DELETE", f"/v1/api-keys/{tenant.key_id}")).status == 204
    ends = dict(zip(waits, await asyncio.gather(*(ended_after(began, wait) for wait in waits.values())), strict=True))
    assert {what: round(seconds, 1) for what, (seconds, _) in ends.items() if seconds > WITHIN_SECONDS} == {}
    statuses = {what.partition(" ")[0]: reply.status for what, (_, reply) in ends.items()}
    assert statuses == {"poll": 401, "stream": 200, "wait": 202}
    assert all(b"event: run_updated" in ends[f"stream {place}"][1].raw for place in ("gateway", "engine"))
    await tenant.until_everywhere(401)
    assert monotonic() - began < WITHIN_SECONDS


async def test_a_key_ends_everywhere_at_its_time_also_for_who_waits(installation: Installation) -> None:
    tenant = await moved_in(installation)
    soon = datetime.now(UTC) + timedelta(seconds=3)
    key = await key_of(installation.caller, "admin", tenant.project, expires_at=soon.isoformat())
    short = Tenant(installation, tenant.project, tenant.project_id, str(key["id"]), str(key["key"]))
    assert {reply.status for reply in await short.read_everywhere()} == {200}
    poll = await short.caller.post("jobs/claim", polling("other"))

    late = (datetime.now(UTC) - soon).total_seconds()
    assert poll.status == 401
    assert 0 <= late < WITHIN_SECONDS
    await short.until_everywhere(401)


async def test_what_was_made_is_usable_at_once_everywhere_under_load(installation: Installation) -> None:
    """Each create is followed at once by calls to all services with the new project and key."""
    turns = asyncio.Semaphore(CALLERS)

    async def one(number: int) -> list[tuple[str, int]]:
        async with turns:
            tenant = await moved_in(installation)
            answered = [
                ("action", (await tenant.at("catalog").post("actions", action(f"at-once-{number}"))).status),
                ("workflow", (await tenant.at("engine").post("workflows", workflow(f"at-once-{number}"))).status),
            ]
            replies = await tenant.read_everywhere()
            answered += [(name, reply.status) for name, reply in zip(SERVICES, replies, strict=True)]
            claim = polling(wait_seconds=0)
            return [*answered, ("claim", (await tenant.at("dispatcher").post("jobs/claim", claim)).status)]

    every = [pair for pairs in await asyncio.gather(*(one(number) for number in range(CREATES))) for pair in pairs]
    expected = {"action": 201, "workflow": 201, "claim": 204}
    assert [(what, status) for what, status in every if status != expected.get(what, 200)] == []
    assert len(every) == CREATES * (2 + len(SERVICES) + 1)


def action(name: str) -> JsonObject:
    return {"name": name, "endpoint_url": "http://127.0.0.1:9/"}


def workflow(action_name: str) -> JsonObject:
    return {"name": action_name, "spec": {"name": action_name, "steps": [{"name": "a", "action": action_name}]}}


async def test_a_key_that_was_asked_for_in_vain_works_as_soon_as_it_is_made(installation: Installation) -> None:
    name = new_id("sought").replace("_", "-")
    early = Tenant(installation, name, "", "", installation.stack.api_key)
    assert {reply.status for reply in await early.read_everywhere()} == {404}
    await installation.caller.create("/v1/projects", {"name": name})

    assert {reply.status for reply in await early.read_everywhere()} == {200}


@beside_the_loop
def test_the_published_client_works_with_a_new_key_in_a_new_project(tenant: Tenant) -> None:
    url = tenant.installation.stack.api_url
    with Client(tenant.token, base_url=url, project=tenant.project) as sdk:
        assert sdk.list_runs().items == []
    with Client(f"{tenant.project}/{tenant.token}", base_url=url) as sdk:
        assert sdk.project == tenant.project
        assert sdk.list_workflows().items == []
