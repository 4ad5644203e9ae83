"""The composition root: every part of the catalog, made once and given to who needs it."""

from collections.abc import Sequence
from datetime import timedelta

from libs.access import Access, UseAnnouncer
from libs.chassis.bus.partition_counts import PartitionCounts, topics_of
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.db.migrator import Migrator
from libs.chassis.db.reads import Reads
from libs.chassis.http.neighbour import Neighbour
from libs.chassis.loops.queues import Queues
from libs.chassis.loops.ticker import Ticker
from libs.chassis.outbox.backlog import OutboxLimits
from libs.chassis.outbox.metrics import show_outbox
from libs.chassis.outbox.relay import Relay
from libs.chassis.sealing import Sealer
from libs.chassis.service import App, Chassis, Component
from libs.contracts.events.dispatcher import (
    ConnectionTestState,
    PlatformActionState,
    PlatformIntegrationState,
    SecretUseState,
)
from libs.contracts.events.shared import ApiKeyUseState
from libs.contracts.targets import TargetPolicy
from libs.contracts.topics import SERVICES, topic_for
from services.catalog.api.action_catalog import ActionCatalogHandlers
from services.catalog.api.action_changes import ActionChangeHandlers
from services.catalog.api.action_secrets import ActionSecretHandlers
from services.catalog.api.actions import ActionHandlers
from services.catalog.api.api_keys import ApiKeyHandlers
from services.catalog.api.calls import ProjectFinder
from services.catalog.api.dependents import Dependents
from services.catalog.api.integrations import Announced, IntegrationHandlers
from services.catalog.api.once import Once
from services.catalog.api.project_config import ConfigHandlers
from services.catalog.api.project_members import MemberHandlers
from services.catalog.api.projects import ProjectHandlers
from services.catalog.api.routes import Handlers, routes
from services.catalog.api.secret_mint import SecretMint
from services.catalog.settings import CatalogSettings
from services.catalog.store.actions import Actions
from services.catalog.store.commits import Commits
from services.catalog.store.integrations import Integrations
from services.catalog.store.kept_answers import KeptAnswers
from services.catalog.store.key_uses import KeyUses
from services.catalog.store.keys import Keys
from services.catalog.store.projects import Projects
from services.catalog.store.secrets import Secrets
from services.catalog.workers.answer_sweeper import AnswerSweeper
from services.catalog.workers.installer import FirstThings, Installer
from services.catalog.workers.project_clearer import ProjectClearer
from services.catalog.workers.secret_activator import SecretActivator, is_proof
from services.catalog.workers.secret_retirer import SecretRetirer
from services.catalog.workers.state_trimmer import StateTrimmer

SWEPT_EVERY = timedelta(hours=1)
CLEARED_EVERY = timedelta(seconds=5)
RETIRED_EVERY = timedelta(seconds=5)
KEY_USES = [topic_for(service, ApiKeyUseState.type).name for service in SERVICES]
PLATFORM_ACTIONS = topic_for("dispatcher", PlatformActionState.type).name
SECRET_USES = topic_for("dispatcher", SecretUseState.type).name
LOOK_FOR_PROOFS = timedelta(seconds=5)
PLATFORM_INTEGRATIONS = topic_for("dispatcher", PlatformIntegrationState.type).name
CONNECTION_TESTS = topic_for("dispatcher", ConnectionTestState.type).name


class Root:
    """Builds the parts once; `build` puts them in order."""

    def __init__(self, settings: CatalogSettings, chassis: Chassis) -> None:
        self.settings = settings
        self.clock = chassis.clock
        self.url = settings.postgres_url.get_secret_value()
        self.registry = chassis.registry
        self.sealer = Sealer.from_base64(settings.master_key.get_secret_value())
        self._data()
        self._replicas()
        self._loops()

    def _data(self) -> None:
        settings = self.settings
        self.producer = Producer(settings.kafka_bootstrap, "mobius-catalog")
        self.relay = Relay("catalog", self.url, self.producer, OutboxLimits.of(settings))
        show_outbox(self.registry, self.relay, self.producer)
        self.reads = Reads.of(settings, "catalog-reads")
        Queues(registry=self.registry).show("reads", lambda: self.reads.waiting)
        self.commits = Commits(self.url, self.relay, timedelta(seconds=settings.publish_seconds))
        stored = self.reads, self.commits
        self.projects, self.keys, self.actions = Projects(*stored), Keys(*stored), Actions(*stored)
        self.secrets, self.integrations = Secrets(*stored), Integrations(*stored)

    def _replicas(self) -> None:
        self.access = Access(self.clock)
        self.platform = Replica(PLATFORM_ACTIONS, PlatformActionState)
        self.offered = Replica(PLATFORM_INTEGRATIONS, PlatformIntegrationState)
        self.tests = Replica(CONNECTION_TESTS, ConnectionTestState)
        self.secret_uses = Replica(SECRET_USES, SecretUseState, self._secret_used)
        self.key_uses = KeyUses()
        of_keys = [Replica(topic, ApiKeyUseState, self.key_uses.take) for topic in KEY_USES]
        heard = [*self.access.replicas, self.platform, self.offered, self.tests, self.secret_uses, *of_keys]
        self.states = StateReader(self.settings.kafka_bootstrap, "mobius-catalog-states", heard)
        self.access.read_with(self.states.catch_up)

    def _loops(self) -> None:
        settings = self.settings
        self.installer = Installer(self.projects, self.keys, self.access.knows, _first_things(settings), self.clock)
        every = timedelta(seconds=settings.key_use_seconds)
        self.announcer = UseAnnouncer("catalog", self.producer, self.access, self.clock, every)
        self.engine = Neighbour("engine", settings.engine_url, timedelta(seconds=settings.engine_seconds))
        self.sweeper = Ticker("answer-sweeper", AnswerSweeper(self.commits.link).step, SWEPT_EVERY)
        self.trimmer = Ticker("state-trimmer", StateTrimmer(self.commits.link).step, SWEPT_EVERY)
        clearer = ProjectClearer(self.reads, self.actions, self.integrations, self.keys, self.commits, self.clock)
        self.clearer = Ticker("project-clearer", clearer.step, CLEARED_EVERY)
        activator = SecretActivator(self.secrets, self.secret_uses, self.clock)
        self.proofs = Ticker("secret-activator", activator.step, LOOK_FOR_PROOFS)
        self.retirer = Ticker("secret-retirer", SecretRetirer(self.secrets, self.clock).step, RETIRED_EVERY)

    def _secret_used(self, state: SecretUseState) -> None:
        if is_proof(state):
            self.proofs.wake()

    def handlers(self) -> Handlers:
        """What answers over HTTP."""
        clock, kept_for = self.clock, timedelta(seconds=self.settings.idempotency_seconds)
        once = Once(self.commits, KeptAnswers(self.reads, self.sealer, kept_for))
        mint, targets = SecretMint(self.sealer), TargetPolicy.from_cidrs(self.settings.allowed_targets)
        finder = ProjectFinder(self.projects, self.access)
        announced = Announced(self.offered, self.tests, self.states.catch_up)
        return Handlers(
            projects=ProjectHandlers(self.projects, self.keys, once, finder, clock),
            config=ConfigHandlers(self.projects, finder, clock),
            members=MemberHandlers(self.projects, self.keys, finder, clock),
            keys=ApiKeyHandlers(self.keys, once, finder, self.access, self.key_uses.last, clock),
            actions=ActionHandlers(self.actions, once, mint, targets, clock),
            changes=ActionChangeHandlers(self.actions, self.commits, Dependents(self.engine), targets, clock),
            secrets=ActionSecretHandlers(self.secrets, once, mint, self.secret_uses, clock),
            catalog=ActionCatalogHandlers(self.actions, self.integrations, self.platform),
            integrations=IntegrationHandlers(self.integrations, announced, self.sealer, clock),
        )

    def components(self) -> Sequence[Component]:
        """In the order of starting; they stop in reverse."""
        return [
            PartitionCounts(topics_of("catalog"), self.settings.kafka_bootstrap),
            Migrator(self.url, "catalog", "services.catalog.migrations"),
            self.producer,
            self.relay,
            self.reads,
            self.commits,
            self.states,
            self.installer,
            self.announcer,
            self.engine,
            self.sweeper,
            self.trimmer,
            self.clearer,
            self.proofs,
            self.retirer,
        ]


def build(settings: CatalogSettings, chassis: Chassis) -> App:
    """The catalog, composed."""
    root = Root(settings, chassis)
    return App(
        routes=routes(root.handlers()),
        authenticator=root.access,
        projects=root.access,
        components=root.components(),
    )


def _first_things(settings: CatalogSettings) -> FirstThings:
    key = settings.bootstrap_api_key
    return FirstThings(settings.bootstrap_project, None if key is None else key.get_secret_value())
