"""The composition root: every part of the catalog, made once and given to who needs it."""

from datetime import timedelta

from libs.access import Access
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
from libs.chassis.service import App, Chassis
from libs.contracts.events.dispatcher import ConnectionTestState, PlatformActionState, PlatformIntegrationState
from libs.contracts.targets import TargetPolicy
from libs.contracts.topics import topic_for
from services.catalog.api.action_catalog import ActionCatalogHandlers
from services.catalog.api.action_changes import ActionChangeHandlers
from services.catalog.api.actions import ActionHandlers
from services.catalog.api.dependents import Dependents
from services.catalog.api.integrations import Announced, IntegrationHandlers
from services.catalog.api.once import Once
from services.catalog.api.routes import routes
from services.catalog.api.secret_mint import SecretMint
from services.catalog.settings import CatalogSettings
from services.catalog.store.actions import Actions
from services.catalog.store.commits import Commits
from services.catalog.store.installation import Installation
from services.catalog.store.integrations import Integrations
from services.catalog.store.kept_answers import KeptAnswers
from services.catalog.workers.answer_sweeper import AnswerSweeper
from services.catalog.workers.installer import FirstThings, Installer

SWEPT_EVERY = timedelta(hours=1)
PLATFORM_ACTIONS = topic_for("dispatcher", PlatformActionState.type).name
PLATFORM_INTEGRATIONS = topic_for("dispatcher", PlatformIntegrationState.type).name
CONNECTION_TESTS = topic_for("dispatcher", ConnectionTestState.type).name


def build(settings: CatalogSettings, chassis: Chassis) -> App:
    """The catalog. Its components are listed in the order of their starting; each stands on the ones before it."""
    url = settings.postgres_url.get_secret_value()

    counts = PartitionCounts(topics_of("catalog"), settings.kafka_bootstrap)
    migrator = Migrator(url, "catalog", "services.catalog.migrations")
    producer = Producer(settings.kafka_bootstrap, "mobius-catalog")
    relay = Relay("catalog", url, producer, OutboxLimits.of(settings))
    show_outbox(chassis.registry, relay, producer)
    reads = Reads.of(settings, "catalog-reads")
    Queues(registry=chassis.registry).show("reads", lambda: reads.waiting)
    commits = Commits(url, relay, timedelta(seconds=settings.publish_seconds))
    installer = Installer(Installation(reads, commits), _first_things(settings), chassis.clock)

    access = Access(chassis.clock)
    platform = Replica(PLATFORM_ACTIONS, PlatformActionState)
    offered = Replica(PLATFORM_INTEGRATIONS, PlatformIntegrationState)
    tests = Replica(CONNECTION_TESTS, ConnectionTestState)
    replicas = [*access.replicas, platform, offered, tests]
    states = StateReader(settings.kafka_bootstrap, "mobius-catalog-states", replicas)
    access.read_with(states.catch_up)

    sealer = Sealer.from_base64(settings.master_key.get_secret_value())
    once = Once(commits, KeptAnswers(reads, sealer, timedelta(seconds=settings.idempotency_seconds)))
    sweeper = Ticker("answer-sweeper", AnswerSweeper(commits.link).step, SWEPT_EVERY)
    engine = Neighbour("engine", settings.engine_url, timedelta(seconds=settings.engine_seconds))
    actions = Actions(reads, commits)
    integrations = Integrations(reads, commits)
    mint = SecretMint(sealer)
    targets = TargetPolicy.from_cidrs(settings.allowed_targets)
    return App(
        routes=routes(
            ActionHandlers(actions, once, mint, targets, chassis.clock),
            ActionChangeHandlers(actions, commits, Dependents(engine), targets, chassis.clock),
            ActionCatalogHandlers(actions, integrations, platform),
            IntegrationHandlers(integrations, Announced(offered, tests, states.catch_up), sealer, chassis.clock),
        ),
        authenticator=access,
        projects=access,
        components=(counts, migrator, producer, relay, reads, commits, installer, states, engine, sweeper),
    )


def _first_things(settings: CatalogSettings) -> FirstThings:
    key = settings.bootstrap_api_key
    return FirstThings(settings.bootstrap_project, None if key is None else key.get_secret_value())
