"""The composition root: which parts the engine is made of, and in which order they start."""

from collections.abc import Sequence
from datetime import timedelta

from libs.access import Access, UseAnnouncer
from libs.chassis.bus.consumer import Consumer, ConsumerOptions
from libs.chassis.bus.partition_counts import PartitionCounts, topics_of
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.db.link import PLANNED_ONCE, Link
from libs.chassis.db.migrator import Migrator
from libs.chassis.db.reads import Reads
from libs.chassis.loops.group_commit import QueueLimits
from libs.chassis.loops.queues import Queues
from libs.chassis.loops.ticker import Ticker
from libs.chassis.operations import Operations
from libs.chassis.outbox.backlog import OutboxLimits
from libs.chassis.outbox.metrics import show_outbox
from libs.chassis.outbox.relay import Relay
from libs.chassis.service import App, Chassis, Component
from libs.contracts.events.catalog import ActionState
from libs.contracts.events.dispatcher import PlatformActionState
from libs.contracts.topics import heard_by, topic_for
from services.engine.api.dependents import DependentHandlers
from services.engine.api.routes import Handlers, routes
from services.engine.api.runs import RunHandlers
from services.engine.api.starting import StartHandlers
from services.engine.api.watching import WatchHandlers
from services.engine.api.workflows import WorkflowHandlers
from services.engine.consumers.dispatcher_events import DispatcherEvents
from services.engine.settings import EngineSettings
from services.engine.store.actions import ActionBook
from services.engine.store.changes import Changes
from services.engine.store.definitions import Definitions
from services.engine.store.dependents import Dependents
from services.engine.store.metrics import EngineMetrics
from services.engine.store.run_cache import RunCache
from services.engine.store.runs import Runs
from services.engine.store.starts import StartDesk
from services.engine.store.watchers import Watchers
from services.engine.store.workflows import Workflows
from services.engine.workers.run_closer import RunCloser
from services.engine.workers.tail_reader import TailReader

ACTIONS = topic_for("catalog", ActionState.type).name
CLOSE_EVERY = timedelta(seconds=5)
PLATFORM_ACTIONS = topic_for("dispatcher", PlatformActionState.type).name


class Root:
    """Builds the parts once; `components` puts them in order."""

    def __init__(self, settings: EngineSettings, chassis: Chassis) -> None:
        self.settings = settings
        self.clock = chassis.clock
        self.registry = chassis.registry
        self.url = settings.postgres_url.get_secret_value()
        self._replicas()
        self._stores()
        self._loops()

    def _replicas(self) -> None:
        bootstrap = self.settings.kafka_bootstrap
        self.access = Access(self.clock)
        own = Replica(ACTIONS, ActionState)
        platform = Replica(PLATFORM_ACTIONS, PlatformActionState)
        self.states = StateReader(bootstrap, "mobius-engine-states", [*self.access.replicas, own, platform])
        self.access.read_with(self.states.catch_up)
        self.actions = ActionBook(own, platform, self.states.catch_up)

    def _stores(self) -> None:
        settings = self.settings
        self.queues = Queues(QueueLimits.of(settings), self.registry)
        self.reads = Reads.of(settings, "engine-reads")
        self.queues.show("reads", lambda: self.reads.waiting)
        self.searches = Reads(self.url, "engine-searches", size=1)
        self.queues.show("searches", lambda: self.searches.waiting)
        self.producer = Producer(settings.kafka_bootstrap, "mobius-engine")
        self.relay = Relay("engine", self.url, self.producer, OutboxLimits.of(settings))
        show_outbox(self.registry, self.relay, self.producer)
        self.watchers = Watchers(settings.watcher_backlog)
        cache = RunCache(settings.runs_cached, settings.runs_cached_bytes)
        self.runs = Runs(self.reads, cache, EngineMetrics(self.registry, lambda: len(cache)))
        self.starts = StartDesk(self.url, self.runs, self.relay, self.queues)
        self.changes = Changes(self.url, self.runs, self.actions, self.relay, self.watchers)
        self.operations = Operations("engine", self.url)
        self.workflows = Workflows(self.url, self.reads, self.actions, self.relay)
        self.definitions = Definitions(self.workflows, settings.definitions_cached)

    def _loops(self) -> None:
        heard = [topic.name for topic in heard_by("engine")]
        hearing = DispatcherEvents(self.runs, self.actions, self.watchers, self.clock)
        consumed = Link(self.url, "engine-consumer", settings=PLANNED_ONCE)
        options = ConsumerOptions.of(self.settings, self.registry)
        bootstrap = self.settings.kafka_bootstrap
        self.consumer = Consumer("engine", bootstrap, heard, consumed, self.relay, hearing, options)
        floor = timedelta(seconds=self.settings.watch_floor_seconds)
        self.tails = Ticker("tail-reader", TailReader(self.reads, self.watchers).step, floor)
        self.watchers.on_gap = self.tails.wake
        closer = RunCloser(self.access.projects, self.runs, self.changes, self.clock)
        self.closer = Ticker("run-closer", closer.step, CLOSE_EVERY)

    def handlers(self) -> Handlers:
        """What answers over HTTP."""
        starts = StartHandlers(self.starts, self.definitions, self.runs, self.actions, self.clock, self.watchers)
        return Handlers(
            workflows=WorkflowHandlers(self.workflows, self.clock),
            starts=starts,
            runs=RunHandlers(self.runs, self.workflows, self.changes, self.clock),
            watching=WatchHandlers(self.runs, self.watchers),
            dependents=DependentHandlers(self.actions, Dependents(self.searches)),
            operations=self.operations,
        )

    def _uses(self) -> UseAnnouncer:
        every = timedelta(seconds=self.settings.key_use_seconds)
        return UseAnnouncer("engine", self.producer, self.access, self.clock, every)

    def components(self) -> Sequence[Component]:
        """In the order of starting; they stop in reverse."""
        return [
            PartitionCounts(topics_of("engine"), self.settings.kafka_bootstrap),
            Migrator(self.url, "engine", "services.engine.migrations"),
            self.reads,
            self.searches,
            self.producer,
            self.relay,
            self.states,
            self.starts,
            self.changes,
            self.workflows,
            self.operations,
            self._uses(),
            self.tails,
            self.closer,
            self.consumer,
        ]


def build(settings: EngineSettings, chassis: Chassis) -> App:
    """The engine, composed."""
    root = Root(settings, chassis)
    return App(
        routes=routes(root.handlers()),
        authenticator=root.access,
        projects=root.access,
        components=root.components(),
    )
