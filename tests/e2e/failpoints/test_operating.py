"""A service dies when an operator has asked it for something: the wish is kept, and is carried out once."""

import asyncio

import pytest
from aiokafka import AIOKafkaProducer

from libs.chassis.ids import new_id
from libs.contracts.codec import JsonObject
from tests.e2e.calls import Caller, Reply
from tests.e2e.failpoints.acts import PATIENCE_SECONDS, patiently
from tests.e2e.failpoints.dying import dying
from tests.e2e.installation import Installation
from tests.integration.chassis.write_path import claimed, said

HEARD = "mobius.dispatcher-events.v1"
HEARERS = ("audit", "engine")


async def parked(caller: Caller, service: str, job: str) -> JsonObject | None:
    """What the service says of a stream, unless it is not parked there."""
    page = await patiently(lambda: caller.get(f"/v1/operations/{service}/parked-streams"))
    return next((one for one in page.items if one["stream"] == job), None)


async def until_parked(caller: Caller, service: str, job: str, *, so: bool) -> JsonObject | None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while bool(found := await parked(caller, service, job)) is not so:
            await asyncio.sleep(0.1)
    return found


@pytest.mark.nightly
async def test_a_stream_that_was_asked_to_go_on_does_whoever_dies(installation: Installation) -> None:
    caller, job = installation.caller, new_id("job")
    first, _, third = said(job, 0, [claimed(job, number) for number in (1, 2, 3)])
    async with AIOKafkaProducer(bootstrap_servers=installation.stack.kafka_bootstrap) as producer:
        for entry in (first, third):
            await producer.send_and_wait(HEARD, entry.raw, partition=entry.partition)
    found = {service: await until_parked(caller, service, job, so=True) for service in HEARERS}

    async with dying(installation, "audit", "resume_asked"):
        reply = await patiently(lambda: resume(caller, "audit", found["audit"]))
    assert reply.status in (202, 404), reply.raw  # the wish that was kept may have been carried out by now
    await until_parked(caller, "audit", job, so=False)

    assert (await resume(caller, "engine", found["engine"])).status == 202
    await until_parked(caller, "engine", job, so=False)


async def resume(caller: Caller, service: str, found: JsonObject | None) -> Reply:
    assert found is not None
    return await caller.post(f"/v1/operations/{service}/parked-streams/{found['id']}/resume", {})
