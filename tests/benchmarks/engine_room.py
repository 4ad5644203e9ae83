"""The engine's batch loop without a broker: its own handler and its own commit on a real database, fed by hand."""

from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime
from typing import NamedTuple

from deploy.local.servers import LocalServers
from libs.chassis.bus.batch import Effects, Heard, Record
from libs.chassis.bus.consumer import Consumer
from libs.chassis.bus.positions import seed_position
from libs.chassis.bus.producer import Producer
from libs.chassis.clock import SystemClock
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from libs.chassis.db.reads import Reads
from libs.chassis.ids import new_id
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context, Entry, entry
from libs.chassis.outbox.relay import Relay
from libs.chassis.telemetry.metrics import new_registry
from libs.contracts.codec import JsonObject
from libs.contracts.events.catalog import ActionState, SealedSecret
from libs.contracts.events.dispatcher import JobCompleted
from libs.contracts.events.engine import StepScheduled
from services.engine.consumers.dispatcher_events import DispatcherEvents
from services.engine.domain.commands import StartRun
from services.engine.store.actions import ActionBook
from services.engine.store.deciding import Change, change
from services.engine.store.metrics import EngineMetrics
from services.engine.store.run_cache import RunCache
from services.engine.store.run_rows import begin_part
from services.engine.store.runs import Runs
from services.engine.store.watchers import Watchers
from tests.benchmarks.collector import settled_memory
from tests.benchmarks.load import STEPS

PROJECT = "default"
PLACE = ("mobius.dispatcher-events.v1", 0)
CACHED = 20_000
CACHED_BYTES = 64 * 1024 * 1024
BACKLOG = 2_000


class FedConsumer(Consumer):
    """Takes its records from the benchmark; everything behind that is the engine's."""

    async def open(self) -> None:
        await seed_position(self._link, PLACE, 0)
        self._source.positions[PLACE] = 0

    async def take_in(self, records: Sequence[Record]) -> None:
        await self._settle(records)


class Written(NamedTuple):
    """What one batch committed beside the position."""

    entries: Sequence[Entry]

    @property
    def scheduled(self) -> list[StepScheduled]:
        return [one.event.data for one in self.entries if isinstance(one.event.data, StepScheduled)]


class EngineRoom:
    """One engine's consumer on a database of its own. `written` has one item for each batch that was taken in."""

    def __init__(self, url: str, servers: LocalServers) -> None:
        self.url = url
        self.link = Link(url, "bench-engine")
        self.written: list[Written] = []
        self._reads = Reads(url, "bench-engine-reads")
        cache = RunCache(CACHED, CACHED_BYTES)
        self._runs = Runs(self._reads, cache, EngineMetrics(new_registry("bench", "0"), lambda: len(cache)))
        self._actions = ActionBook(_actions(), {}, _known_already)
        watchers = Watchers(BACKLOG)
        self._hearing = DispatcherEvents(self._runs, self._actions, watchers, SystemClock())
        relay = Relay("engine", url, Producer(servers.kafka_bootstrap, "bench-engine"))  # never started
        self._consumer = FedConsumer("bench-engine", servers.kafka_bootstrap, [PLACE[0]], self.link, relay, self._noted)
        self._offset = 0

    async def open(self) -> None:
        await migrate(self.link, "services.engine.migrations")
        await self._reads.start()
        await self._consumer.open()

    async def close(self) -> None:
        await self._consumer.stop()
        await self._reads.stop()

    async def begin(self, spec: JsonObject, runs: int) -> Written:
        """Starts so many runs in one commit."""
        changes = [self._started(spec) for _ in range(runs)]
        appended = [one for made in changes for one in made.entries]
        states = [made.state for made in changes]
        await commit(self.link, [begin_part(states)], appended)
        self._runs.keep(states, appended)
        return Written(appended)

    def _started(self, spec: JsonObject) -> Change:
        run_id = new_id("run")
        context = Context("engine", PROJECT, datetime.now(UTC), correlation=run_id)
        made = change(None, run_id, StartRun(run_id, PROJECT, spec), context, self._actions)
        assert isinstance(made, Change), f"expected a run, but {made}"
        return made

    def completions(self, steps: Iterable[StepScheduled]) -> list[Record]:
        """`job.completed` of these steps, as the topic would have it."""
        return [self._record(step) for step in steps]

    def _record(self, step: StepScheduled) -> Record:
        now = datetime.now(UTC)
        shared = step.model_dump(include=set(JobCompleted.model_fields))
        times = {"claimed_by": "bench-1", "scheduled_at": now, "claimed_at": now}
        payload = JobCompleted.model_validate({**shared, **times, "result": {"ok": True}})
        said = entry(Context("dispatcher", PROJECT, now), step.invocation_id, 1, step.run_id, payload)
        self._offset += 1
        return Record(*PLACE, self._offset - 1, 0, step.run_id.encode(), said.raw)

    async def take_in(self, records: Sequence[Record]) -> Written:
        """One batch through the handler and the commit."""
        await self._consumer.take_in(records)
        return self.written[-1]

    async def _noted(self, heard: Sequence[Heard]) -> Effects:
        effects = await self._hearing(heard)
        self.written.append(Written(effects.entries))
        return effects


@asynccontextmanager
async def engine_room(servers: LocalServers) -> AsyncIterator[EngineRoom]:
    """A room on a fresh database, for this block."""
    database = await servers.create_database()
    room = EngineRoom(database.service_urls["engine"], servers)
    try:
        await room.open()
        with settled_memory():
            yield room
    finally:
        await room.close()
        await servers.drop_database(database)


async def _known_already() -> None:
    """The actions are there from the beginning."""


def _actions() -> Mapping[str, ActionState]:
    return {f"{PROJECT}/{name}": _action(name) for name in STEPS}


def _action(name: str) -> ActionState:
    return ActionState(
        action_id=f"act_{name}",
        project=PROJECT,
        name=name,
        endpoint_url="http://127.0.0.1:9/never-called",
        secrets=[SealedSecret(version=1, sealed="sealed")],
    )
