"""The composition root: which parts the dispatcher is made of, and in which order they start."""

from collections import Counter
from collections.abc import Callable, Sequence
from contextlib import AsyncExitStack
from datetime import timedelta

from libs.access import Access, UseAnnouncer
from libs.chassis.bus.consumer import Consumer, ConsumerOptions
from libs.chassis.bus.looks import SharedLooks
from libs.chassis.bus.partition_counts import PartitionCounts, topics_of
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.bus.state_speaker import StateSpeaker
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
from libs.chassis.sealing import Sealer
from libs.chassis.service import App, Chassis, Component
from libs.contracts.events.catalog import ActionState, IntegrationState
from libs.contracts.events.dispatcher import SecretUseState
from libs.contracts.targets import TargetPolicy
from libs.contracts.topics import heard_by, topic_for
from services.dispatcher.api.batches import Batches
from services.dispatcher.api.claims import Claims
from services.dispatcher.api.integrations import Integrations
from services.dispatcher.api.jobs import Jobs
from services.dispatcher.api.lease_terms import LeaseTerms
from services.dispatcher.api.reports import Progress, Reports
from services.dispatcher.api.routes import Handlers, routes
from services.dispatcher.consumers.engine_events import EngineEvents
from services.dispatcher.delivery.classification import repeatable
from services.dispatcher.delivery.endpoints import Endpoints
from services.dispatcher.delivery.errand import Errands
from services.dispatcher.delivery.integrations.connections import Connections
from services.dispatcher.delivery.integrations.entry_points import built_in, found
from services.dispatcher.delivery.integrations.port import Room
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.retry_pace import RetryPace
from services.dispatcher.delivery.sender import Sender
from services.dispatcher.domain.jobs import Job, Kind
from services.dispatcher.domain.reports import Violation
from services.dispatcher.settings import DispatcherSettings
from services.dispatcher.store.actions import ActionBook
from services.dispatcher.store.claims import ClaimDesk, Leases
from services.dispatcher.store.connection_tests import ConnectionTests
from services.dispatcher.store.connections import ConnectionBook
from services.dispatcher.store.hand_over import HandOver
from services.dispatcher.store.heartbeats import HeartbeatDesk
from services.dispatcher.store.jobs_read import JobReads
from services.dispatcher.store.lanes import Lane, LaneBook, lane_of
from services.dispatcher.store.queue import Queue
from services.dispatcher.store.reports import ReportDesk
from services.dispatcher.store.secret_uses import SecretUses, SecretUseStates
from services.dispatcher.store.sessions import SessionBook
from services.dispatcher.store.waiters import Waiters
from services.dispatcher.store.writer import Writer
from services.dispatcher.workers.claim_announcer import ClaimAnnouncer
from services.dispatcher.workers.courier import CourierRule
from services.dispatcher.workers.executor import Executor
from services.dispatcher.workers.lane_watcher import LaneWatcher
from services.dispatcher.workers.lease_reaper import LeaseReaper
from services.dispatcher.workers.platform_announcer import PlatformAnnouncer
from services.dispatcher.workers.secret_prober import PendingSecrets, SecretProber
from services.dispatcher.workers.secret_use_announcer import SecretUseAnnouncer
from services.dispatcher.workers.session_sweeper import SessionSweeper

SECOND = timedelta(seconds=1)
HOUR = timedelta(hours=1)
PUBLISH_WITHIN = timedelta(seconds=5)
BETWEEN_LOOKS = timedelta(milliseconds=10)
"""At the topics' present end, for what is about to be carried out. One takes about 3 ms and 1 ms of CPU."""
ACTIONS = topic_for("catalog", ActionState.type).name
CONNECTIONS = topic_for("catalog", IntegrationState.type).name
SECRET_USES = topic_for("dispatcher", SecretUseState.type).name


class Outgoing:
    """Component. The connections of the delivery room, open as long as the service runs."""

    def __init__(self, sender: Sender, integrations: IntegrationRegistry) -> None:
        self._parts = (sender, integrations)
        self._stack = AsyncExitStack()
        self._open = False

    async def start(self) -> None:
        for part in self._parts:
            await self._stack.enter_async_context(part)
        self._open = True

    async def stop(self) -> None:
        await self._stack.aclose()

    def ready(self) -> str | None:
        return None if self._open else "outgoing connections are not open"


class Root:
    """Builds the parts once; `app` puts them in order."""

    def __init__(self, settings: DispatcherSettings, chassis: Chassis) -> None:
        self.settings = settings
        self.clock = chassis.clock
        self.url = settings.postgres_url.get_secret_value()
        self.registry = chassis.registry
        self.queues = Queues(QueueLimits.of(settings), self.registry)
        self._data()
        self._outgoing()
        self._desks()
        self._loops()

    def _data(self) -> None:
        bootstrap = self.settings.kafka_bootstrap
        self.reads = Reads.of(self.settings, "dispatcher-reads")
        self.queues.show("reads", lambda: self.reads.waiting)
        self.producer = Producer(bootstrap, "mobius-dispatcher")
        self.relay = Relay("dispatcher", self.url, self.producer, OutboxLimits.of(self.settings))
        show_outbox(self.registry, self.relay, self.producer)
        self.access = Access(self.clock)
        self.pending_secrets = PendingSecrets()
        self.action_states = Replica(ACTIONS, ActionState, self._action_changed)
        connections = Replica(CONNECTIONS, IntegrationState)
        self.secret_uses = Replica(SECRET_USES, SecretUseState)
        replicas = [*self.access.replicas, self.action_states, connections, self.secret_uses]
        self.states = StateReader(bootstrap, "mobius-dispatcher-states", replicas)
        self.access.read_with(self.states.catch_up)
        sealer = Sealer.from_base64(self.settings.master_key.get_secret_value())
        self.actions = ActionBook(self.action_states, sealer, self.clock.now)
        self.looks = SharedLooks(self.states.catch_up, BETWEEN_LOOKS)
        self.endpoints = Endpoints(self.actions, self.looks.look)
        self.connections = Connections(ConnectionBook(connections, sealer), self.looks.look)

    def _outgoing(self) -> None:
        settings = self.settings
        limits = DeliveryLimits(
            connect_timeout=timedelta(seconds=settings.connect_seconds),
            total_timeout=timedelta(seconds=settings.delivery_seconds),
            response_bytes=settings.response_bytes,
        )
        room = Room(TargetPolicy.from_cidrs(settings.allowed_targets), limits)
        slack = settings.slack_base_url, settings.slack_token.get_secret_value()
        github = settings.github_base_url, settings.github_token.get_secret_value()
        self.sender = Sender(room.targets, limits, self.clock)
        self.integrations = IntegrationRegistry([*built_in(room, slack, github), *found(room)])
        pace = RetryPace(settings.delivery_attempts, timedelta(seconds=settings.delivery_pause_seconds))
        self.uses = SecretUses(self.clock, lambda: self.use_announcing.wake())  # noqa: PLW0108  made later
        self.errands = Errands(self.endpoints, self.sender, self.integrations, self.connections, pace, self.uses)

    def _desks(self) -> None:
        settings = self.settings
        self.leases = Leases()
        self.waiters = Waiters()
        self.lanes = LaneBook()
        self.claims = ClaimDesk(self.url, self.leases, self.lanes, self.queues)
        self.heartbeats = HeartbeatDesk(self.url, self.queues)
        self.reports = ReportDesk(self.url, self.leases, self.relay, self.clock, self._violations, self.queues)
        self.sessions = SessionBook(
            self.reads,
            Link(self.url, "dispatcher-sessions"),
            self.clock,
            takeover=timedelta(seconds=settings.session_takeover_seconds),
            live_for=timedelta(seconds=settings.session_live_seconds),
        )
        self.house = Link(self.url, "dispatcher-house")
        self.operations = Operations("dispatcher", self.url)
        self.queue = Queue(self.house)
        self.writer = Writer(self.house, self.relay)
        self.tests = ConnectionTests(self.house, self.relay, PUBLISH_WITHIN)

    def _violations(self, project: str, action: str, result: object) -> list[Violation]:
        gate = self.actions.output_gate(project, action)
        return [] if gate is None else list(gate.violations(result))  # type: ignore[arg-type]

    def _loops(self) -> None:
        settings = self.settings
        self.courier = self._executor("mobius-courier", "worker", CourierRule(self.actions, self.sessions))
        self.invoker = self._executor("mobius-invoker", "server", lambda lane: True)
        self.watcher = LaneWatcher(self.queue, self.lanes, self.waiters, [self.courier, self.invoker])
        heard = [topic.name for topic in heard_by("dispatcher")]
        hand_over = HandOver(self.waiters, self.claims, self.leases, self.clock)
        hearing = EngineEvents(self.queue, self.leases, hand_over, self.clock, self._arrived)
        consumed = Link(self.url, "dispatcher-consumer", settings=PLANNED_ONCE)
        options = ConsumerOptions.of(settings, self.registry)
        bootstrap = settings.kafka_bootstrap
        self.consumer = Consumer("dispatcher", bootstrap, heard, consumed, self.relay, hearing, options)
        reaper = LeaseReaper(
            self.queue,
            self.writer,
            self.leases,
            self.clock,
            retry_safe=self._retry_safe,
            most_expiries=settings.most_expiries,
            returned=self._arrived,
        )
        after = timedelta(seconds=settings.announce_after_seconds)
        announcer = ClaimAnnouncer(self.queue, self.writer, self.leases, self.clock, after=after)
        self._secret_loops()
        self.loops: list[Component] = [
            Ticker("lease-reaper", reaper.step, SECOND),
            Ticker("claim-announcer", announcer.step, SECOND),
            Ticker("lane-watcher", self.watcher.step, SECOND),
            Ticker("session-recorder", self.sessions.exchange, SECOND),
            Ticker("session-sweeper", SessionSweeper(self.house).step, HOUR),
            self.use_announcing,
            self.probing,
            self.courier,
            self.invoker,
        ]

    def _secret_loops(self) -> None:
        speaker = StateSpeaker("dispatcher", "secret-use", self.producer, self.clock)
        states = SecretUseStates(speaker, self.secret_uses, self.actions, self.looks.look)
        prober = SecretProber(self.pending_secrets, self.actions, self.sender, states, self.clock)
        self.use_announcing = Ticker("secret-use-announcer", SecretUseAnnouncer(self.uses, states).step, SECOND)
        self.probing = Ticker("secret-prober", prober.step, SECOND)

    def _action_changed(self, action: ActionState) -> None:
        self.pending_secrets.take(action)
        if action.pending_secret is not None:
            self.probing.wake()

    def _executor(self, name: str, kind: Kind, eligible: Callable[[Lane], bool]) -> Executor:
        places = self.settings.courier_places if kind == "worker" else self.settings.invoker_places
        return Executor(
            name,
            kind,
            (self.claims, self.heartbeats, self.reports),
            self.errands,
            eligible=eligible,
            lease_for=timedelta(seconds=self.settings.courier_lease_seconds),
            most_at_once=places,
        )

    def _arrived(self, jobs: Sequence[Job]) -> None:
        for lane, count in Counter(lane_of(job) for job in jobs).items():
            self.watcher.notice(lane, count)

    def _retry_safe(self, job: Job) -> bool:
        bound = self.integrations.find(job.action)
        promises = bound.action.annotations if bound else self.actions.annotations(job.project, job.action)
        return promises is not None and repeatable(promises)

    def handlers(self) -> Handlers:
        """What answers over HTTP."""
        settings = self.settings
        lease_for, heartbeat = timedelta(seconds=settings.lease_seconds), timedelta(seconds=settings.heartbeat_seconds)
        terms = LeaseTerms(self.access.projects, lease_for, heartbeat)
        return Handlers(
            claims=Claims(self.claims, self.waiters, self.sessions, terms),
            reports=Reports(self.reports, self.heartbeats, self.sessions, terms),
            batches=Batches(self.reports, self.heartbeats, self.sessions, terms),
            progress=Progress(self.queue, self.writer, self.leases, self.clock),
            jobs=Jobs(JobReads(self.reads), self.reads, self.clock, settings.most_expiries),
            integrations=Integrations(self.integrations, self.connections, self.tests, self.clock),
            operations=self.operations,
        )

    def _uses(self) -> UseAnnouncer:
        every = timedelta(seconds=self.settings.key_use_seconds)
        return UseAnnouncer("dispatcher", self.producer, self.access, self.clock, every)

    def components(self) -> Sequence[Component]:
        """In the order of starting; they stop in reverse."""
        return [
            PartitionCounts(topics_of("dispatcher"), self.settings.kafka_bootstrap),
            Migrator(self.url, "dispatcher", "services.dispatcher.migrations"),
            self.reads,
            self.producer,
            self.relay,
            self.states,
            Outgoing(self.sender, self.integrations),
            PlatformAnnouncer(self.house, self.relay, self.clock, self.integrations),
            self.claims,
            self.heartbeats,
            self.reports,
            self.operations,
            self._uses(),
            self.sessions,
            *self.loops,
            self.consumer,
        ]


def build(settings: DispatcherSettings, chassis: Chassis) -> App:
    """The dispatcher, composed."""
    root = Root(settings, chassis)
    return App(
        routes=routes(root.handlers()),
        authenticator=root.access,
        projects=root.access,
        components=root.components(),
    )
