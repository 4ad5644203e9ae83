"""The caller's own key of a run: unique in its project, the same run while it is active."""

import asyncio
from typing import cast

from libs.contracts.codec import JsonObject
from tests.integration.engine.running import DOCUMENT_SPEC, Engine

BODY: JsonObject = {"mode": "inline", "spec": DOCUMENT_SPEC, "inputs": {"doc_id": "d1"}, "external_id": "order-1"}


async def test_the_same_id_while_active_is_the_same_run(engine: Engine) -> None:
    first = await engine.start(external_id="order-1")
    again = await engine.start(external_id="order-1")
    assert again["id"] == first["id"]
    assert len(await engine.types(first["id"])) == 2
    assert (await engine.start(external_id="order-2"))["id"] != first["id"]


async def test_the_same_id_after_the_end_is_a_conflict(engine: Engine) -> None:
    run = await engine.start(external_id="order-1")
    await engine.complete(run["id"])
    status, answer = await engine.call("POST", "/runs", BODY)
    error = cast(JsonObject, answer["error"])
    assert (status, error["code"]) == (409, "external_id_conflict")
    details = cast(JsonObject, error["details"])
    assert details["existing_run_id"] == run["id"]
    assert details["status"] == "completed"
    assert details["external_id"] == "order-1"


async def test_many_at_once_with_one_id_are_one_run(engine: Engine) -> None:
    started = await asyncio.gather(*(engine.start(external_id=f"order-{place % 2}") for place in range(30)))
    assert len({str(run["id"]) for run in started}) == 2
    rows = await engine.link.rows("SELECT count(*) AS found FROM journal WHERE seq = 1")
    assert rows[0]["found"] == 2
