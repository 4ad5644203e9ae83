"""A start may wait for the run's end, and never longer than it was told."""

import asyncio
from typing import cast

from libs.chassis.ids import new_id
from libs.contracts.codec import JsonObject
from tests.integration.engine.running import DOCUMENT_SPEC, Engine

BODY = {"mode": "inline", "spec": DOCUMENT_SPEC, "inputs": {"doc_id": "d1"}}


async def running_as(engine: Engine, external_id: str) -> JsonObject:
    """The run with this id, as soon as there is one."""
    async with asyncio.timeout(20):
        while True:
            found = cast(list[JsonObject], (await engine.get(f"/runs?external_id={external_id}"))["items"])
            if found:
                return found[0]
            await asyncio.sleep(0.02)


async def test_the_answer_comes_with_the_end_of_the_run(engine: Engine) -> None:
    external_id = new_id("x")
    asked = asyncio.create_task(engine.call("POST", "/runs?wait_seconds=30", {**BODY, "external_id": external_id}))
    run = await running_as(engine, external_id)
    assert run["status"] == "active"
    await engine.complete(run["id"])
    status, answer = await asked
    assert (status, answer["id"], answer["status"]) == (202, run["id"], "completed")
    assert answer["step_counts"] == {"pending": 0, "running": 0, "completed": 2, "failed": 0, "cancelled": 0}


async def test_the_answer_comes_when_the_time_is_up(engine: Engine) -> None:
    status, answer = await engine.call("POST", "/runs?wait_seconds=1", BODY)
    assert (status, answer["status"]) == (202, "active")


async def test_a_wait_that_is_too_long_is_refused_by_name(engine: Engine) -> None:
    status, answer = await engine.call("POST", "/runs?wait_seconds=31", BODY)
    assert status == 400
    assert cast(JsonObject, cast(JsonObject, answer["error"])["details"])["field"] == "wait_seconds"
