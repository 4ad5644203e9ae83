"""What is left when memory is lost: the journal tells everything else."""

from collections.abc import Mapping, Sequence

from prometheus_client import CollectorRegistry

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.batch import Heard, Record
from libs.chassis.clock import SystemClock
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import run as run_statement
from libs.chassis.journal.store import load_streams
from services.engine.consumers.dispatcher_events import DispatcherEvents
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState
from services.engine.store.actions import ActionBook
from services.engine.store.metrics import EngineMetrics
from services.engine.store.run_cache import RunCache
from services.engine.store.run_rows import begin_part
from services.engine.store.runs import Runs
from services.engine.store.watchers import Watchers
from tests.integration.engine.running import DOCUMENT_SPEC, Engine, started
from tests.integration.engine.speaking import Speaker


async def test_a_restarted_engine_goes_on_where_the_journal_ends(
    servers: LocalServers, database: Database, speaker: Speaker
) -> None:
    async with started(servers, database, speaker) as before:
        run = await before.start()
        first = speaker.completed(await before.scheduled(run["id"], "summarize"), "short")
    await speaker.send([first])  # nobody hears it yet
    async with started(servers, database, speaker) as after:
        assert await after.scheduled(run["id"], "notify")
        await after.complete(run["id"])
        assert (await after.get(f"/runs/{run['id']}"))["status"] == "completed"
        assert len(await after.types(run["id"])) == 6


async def test_rows_of_runs_are_what_the_journal_tells(engine: Engine) -> None:
    saved = await engine.save()
    body = {"inputs": {"doc_id": "d1"}, "external_id": "order-1"}
    _, completed = await engine.call("POST", f"/workflows/{saved['id']}/runs", body)
    failed, cancelled, _ = [await engine.start(queue=name) for name in ("a", "b", "c")]
    await engine.complete(completed["id"])
    await engine.speaker.send([engine.speaker.failed(await engine.scheduled(failed["id"], "summarize"))])
    await engine.ended(failed["id"])
    await engine.call("POST", f"/runs/{cancelled['id']}/cancellations")
    before = await rows(engine)
    assert [row["status"] for row in before] == ["completed", "failed", "failed", "active"]
    await engine.link.rows("DELETE FROM runs")
    await run_statement(engine.link, [begin_part(await folded(engine, [str(row["run_id"]) for row in before]))])
    assert await rows(engine) == before


async def test_two_engines_share_the_work_and_see_each_others_changes(
    engine: Engine, servers: LocalServers, database: Database, speaker: Speaker
) -> None:
    saved = await engine.save()
    path, body = f"/workflows/{saved['id']}", {"inputs": {"doc_id": "d1"}}
    async with started(servers, database, speaker) as other:
        runs = []
        for place, asked in enumerate([engine, other] * 4):
            _, run = await asked.call("POST", f"{path}/runs", body)
            assert run["definition_version"] == place // 2 + 1  # however fresh what it has in memory
            runs.append(run)
            if asked is other:
                spec = {**DOCUMENT_SPEC, "description": f"number {place}"}
                assert (await other.call("PATCH", path, {"spec": spec}))[0] == 200
        for run in runs:
            await engine.complete(run["id"])
        assert {len(await engine.types(run["id"])) for run in runs} == {6}
        assert {(await other.get(f"/runs/{run['id']}"))["status"] for run in runs} == {"completed"}


async def test_a_state_that_is_behind_is_read_anew_before_a_result_is_ignored(
    engine: Engine, database: Database
) -> None:
    """So it is when a partition comes back to a replica that has had it before."""
    run = await engine.start()
    reads = Reads(database.service_urls["engine"], "test-behind")
    await reads.start()
    cache = RunCache(10, 1_000_000)
    runs = Runs(reads, cache, EngineMetrics(CollectorRegistry(), lambda: len(cache)))
    behind = await runs.states([str(run["id"])])
    await engine.speaker.send([engine.speaker.completed(await engine.scheduled(run["id"], "summarize"), "short")])
    result = engine.speaker.completed(await engine.scheduled(run["id"], "notify"), None)
    assert await runs.states([str(run["id"])]) == behind
    actions = ActionBook({}, {}, reads.start)
    hearing = DispatcherEvents(runs, actions, Watchers(1), SystemClock())
    record = Record(result.topic.name, 0, 0, 0, None, result.raw)
    effects = await hearing([Heard(result.event, record)])
    assert [entry.event.id for entry in effects.entries] == [f"{run['id']}:5", f"{run['id']}:6"]
    await reads.stop()


async def rows(engine: Engine) -> list[Mapping[str, object]]:
    return [dict(row) for row in await engine.link.rows("SELECT * FROM runs ORDER BY run_id")]


async def folded(engine: Engine, run_ids: Sequence[str]) -> list[RunState]:
    """The runs, from their events alone."""
    states: list[RunState] = []
    for events in (await load_streams(engine.link, run_ids)).values():
        state: RunState | None = None
        for event in events:
            state = evolve(state, event)
        assert state is not None
        states.append(state)
    return states
