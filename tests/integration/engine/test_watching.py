"""Watching runs: what is told, in which order, also to those who come back or watch from another replica."""

from typing import cast

from deepnoodle.mobius._api.models import RunStep, WorkflowRun

from deploy.local.servers import Database, LocalServers
from libs.chassis.ids import new_id
from libs.contracts.codec import JsonObject
from tests.integration.engine.following import Following, told
from tests.integration.engine.running import Engine, started
from tests.integration.engine.speaking import Speaker

WHOLE = [
    (1, "run_updated", "active"),
    (2, "run_step_updated", "pending"),
    (3, "run_step_updated", "completed"),
    (4, "run_step_updated", "pending"),
    (5, "run_step_updated", "completed"),
    (6, "run_updated", "completed"),
]


async def test_a_watcher_is_told_how_the_run_stands_and_then_every_change(engine: Engine) -> None:
    run = await engine.start()
    async with Following(engine, run["id"]) as frames:
        seed = await frames.next()
        assert seed is not None
        assert told(seed) == (2, "run_updated", "active")
        await engine.complete(run["id"])
        rest = await frames.rest()
    assert [told(frame) for frame in rest] == WHOLE[2:]
    assert {frame["run_id"] for frame in rest} == {run["id"]}
    for frame in [seed, *rest]:
        model = WorkflowRun if frame["type"] == "run_updated" else RunStep
        model.model_validate(frame["data"])


async def test_who_comes_back_is_told_what_happened_since(engine: Engine) -> None:
    run = await engine.start()
    await engine.complete(run["id"])
    for since in (0, 3, 6, 99):
        async with Following(engine, run["id"], since) as frames:
            seed, *replay = await frames.rest()
        assert told(seed) == (min(since, 6), "run_updated", "completed")
        assert [told(frame) for frame in replay] == WHOLE[since:]


async def test_a_run_that_has_ended_is_one_frame(engine: Engine) -> None:
    run = await engine.start()
    await engine.complete(run["id"])
    async with Following(engine, run["id"]) as frames:
        assert [told(frame) for frame in await frames.rest()] == [(6, "run_updated", "completed")]


async def test_a_workers_own_event_reaches_the_watcher(engine: Engine) -> None:
    run = await engine.start()
    scheduled = await engine.scheduled(run["id"], "summarize")
    async with Following(engine, run["id"]) as frames:
        await frames.next()
        await engine.speaker.send([engine.speaker.progressed(scheduled, "page", {"read": 1})])
        frame = await frames.next()
    assert frame is not None
    assert (frame["seq"], frame["type"]) == (3, "custom")
    steps = await engine.get(f"/runs/{run['id']}/steps")
    assert frame["data"] == {
        "kind": "custom",
        "type": "page",
        "job_id": scheduled["invocation_id"],
        "data": {"read": 1},
        "path_id": "main",
        "step_id": cast(list[JsonObject], steps["items"])[0]["id"],
    }


async def test_a_cancelled_step_is_told_before_the_end(engine: Engine) -> None:
    run = await engine.start()
    async with Following(engine, run["id"]) as frames:
        await frames.next()
        await engine.call("POST", f"/runs/{run['id']}/cancellations")
        rest = await frames.rest()
    assert [told(frame) for frame in rest] == [(3, "run_step_updated", "cancelled"), (3, "run_updated", "failed")]


async def test_a_run_that_is_not_there_cannot_be_watched(engine: Engine) -> None:
    assert (await engine.call("GET", f"/runs/{new_id('run')}/events"))[0] == 404
    run = await engine.start()
    assert (await engine.call("GET", f"/runs/{run['id']}/events?since=-1"))[0] == 400


async def test_what_another_replica_commits_is_told_too(
    engine: Engine, servers: LocalServers, database: Database, speaker: Speaker
) -> None:
    run = await engine.start()
    async with started(servers, database, speaker) as other, Following(other, run["id"]) as frames:
        assert told(await frames.next() or {})[0] == 2
        await engine.call("POST", f"/runs/{run['id']}/cancellations")
        rest = await frames.rest()
    assert [told(frame) for frame in rest] == [(3, "run_step_updated", "cancelled"), (3, "run_updated", "failed")]
