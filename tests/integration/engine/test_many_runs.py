"""Many runs, two replicas, results and cancellations that race: every run ends once, and its end is its last."""

import asyncio
import random
from collections.abc import Sequence
from typing import cast

from deploy.local.servers import Database, LocalServers
from libs.contracts.codec import JsonObject, parse_json
from tests.integration.engine.running import Engine, started
from tests.integration.engine.speaking import Speaker

RUNS = 150
SEED = 20_300_131


async def test_every_run_ends_once_whoever_moves_it(
    engine: Engine, servers: LocalServers, database: Database, speaker: Speaker
) -> None:
    chance = random.Random(SEED)
    async with started(servers, database, speaker) as other:
        runs = await asyncio.gather(*(chance.choice([engine, other]).start() for _ in range(RUNS)))
        ids = [str(run["id"]) for run in runs]
        cancelled = chance.sample(ids, RUNS // 3)
        answering = asyncio.create_task(answer(engine, chance, ids))
        for run_id in cancelled:
            asked = chance.choice([engine, other])
            assert (await asked.call("POST", f"/runs/{run_id}/cancellations"))[0] == 204
        await answering
    journal = await streams(engine)
    for run_id in ids:
        types = [str(event["type"]) for event in journal[run_id]]
        assert [event["sequence"] for event in journal[run_id]] == list(range(1, len(types) + 1))
        assert [one for one in types if one in ("run.completed", "run.failed")] == types[-1:]
        assert types[-1] == "run.completed" or run_id in cancelled
    rows = await engine.link.rows("SELECT run_id, status FROM runs")
    ends = {run_id: str(events[-1]["type"]).removeprefix("run.") for run_id, events in journal.items()}
    assert {row["run_id"]: row["status"] for row in rows} == ends


async def answer(engine: Engine, chance: random.Random, ids: Sequence[str]) -> None:
    """Answers whatever is scheduled, now and then twice, until all runs have ended."""
    answered: set[str] = set()
    async with asyncio.timeout(60):
        while True:
            journal = await streams(engine)
            if all(journal[run_id][-1]["type"] in ("run.completed", "run.failed") for run_id in ids):
                return
            fresh = [data for events in journal.values() for data in scheduled(events, answered)]
            chance.shuffle(fresh)
            said = [engine.speaker.completed(data, "done") for data in fresh]
            await engine.speaker.send([*said, *chance.sample(said, len(said) // 5)])


def scheduled(events: Sequence[JsonObject], answered: set[str]) -> list[JsonObject]:
    """Steps that nobody has answered yet; from now on they are."""
    data = [cast(JsonObject, event["data"]) for event in events if event["type"] == "step.scheduled"]
    fresh = [one for one in data if one["invocation_id"] not in answered]
    answered.update(str(one["invocation_id"]) for one in fresh)
    return fresh


async def streams(engine: Engine) -> dict[str, list[JsonObject]]:
    """The journal, by run."""
    found: dict[str, list[JsonObject]] = {}
    for row in await engine.link.rows(
        "SELECT stream, event FROM journal WHERE stream LIKE 'run%' ORDER BY stream, seq"
    ):
        found.setdefault(row["stream"], []).append(cast(JsonObject, parse_json(row["event"])))
    return found
