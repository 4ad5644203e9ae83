"""The composition root: every part of the catalog, made once and given to who needs it."""

from datetime import timedelta

from libs.access import Access, UseAnnouncer
from libs.chassis.bus.partition_counts import PartitionCounts, topics_of
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.replica import Replica, StateReader
from libs.chassis.clock import Clock
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
from libs.contracts.events.dispatcher import PlatformActionState, SecretUseState
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
from services.catalog.api.once import Once
from services.catalog.api.project_config import ConfigHandlers
from services.catalog.api.project_members import MemberHandlers
from services.catalog.api.projects import ProjectHandlers
from services.catalog.api.routes import routes
from services.catalog.api.secret_mint import SecretMint
from services.catalog.settings import CatalogSettings
from services.catalog.store.actions import Actions
from services.catalog.store.commits import Commits
from services.catalog.store.kept_answers import KeptAnswers
from services.catalog.store.key_uses import KeyUses
from services.catalog.store.keys import Keys
from services.catalog.store.projects import Projects
from services.catalog.store.secrets import Secrets
from services.catalog.workers.answer_sweeper import AnswerSweeper
from services.catalog.workers.installer import FirstThings, Installer
from services.catalog.workers.secret_activator import SecretActivator, is_proof

SWEPT_EVERY = timedelta(hours=1)
KEY_USES = [topic_for(service, ApiKeyUseState.type).name for service in SERVICES]
PLATFORM_ACTIONS = topic_for("dispatcher", PlatformActionState.type).name
SECRET_USES = topic_for("dispatcher", SecretUseState.type).name
LOOK_FOR_PROOFS = timedelta(seconds=5)


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
    projects, keys = Projects(reads, commits), Keys(reads, commits)
    installer = Installer(projects, keys, _first_things(settings), chassis.clock)

    access = Access(chassis.clock)
    platform, key_uses = Replica(PLATFORM_ACTIONS, PlatformActionState), KeyUses()
    actions, secrets = Actions(reads, commits), Secrets(reads, commits)
    secret_uses = Replica(SECRET_USES, SecretUseState, lambda state: proofs.wake() if is_proof(state) else None)
    activator = SecretActivator(secrets, secret_uses, chassis.clock)
    proofs = Ticker("secret-activator", activator.step, LOOK_FOR_PROOFS)
    of_keys = [Replica(topic, ApiKeyUseState, key_uses.take) for topic in KEY_USES]
    heard = [*access.replicas, platform, secret_uses, *of_keys]
    states = StateReader(settings.kafka_bootstrap, "mobius-catalog-states", heard)
    access.read_with(states.catch_up)
    every = timedelta(seconds=settings.key_use_seconds)
    announcer = UseAnnouncer("catalog", url, relay, access, chassis.clock, every)

    sealer = Sealer.from_base64(settings.master_key.get_secret_value())
    once = Once(commits, KeptAnswers(reads, sealer, timedelta(seconds=settings.idempotency_seconds)))
    sweeper = Ticker("answer-sweeper", AnswerSweeper(commits.link).step, SWEPT_EVERY)
    engine = Neighbour("engine", settings.engine_url, timedelta(seconds=settings.engine_seconds))
    mint = SecretMint(sealer)
    targets = TargetPolicy.from_cidrs(settings.allowed_targets)
    return App(
        routes=routes(
            ActionHandlers(actions, once, mint, targets, chassis.clock),
            ActionChangeHandlers(actions, commits, Dependents(engine), targets, chassis.clock),
            ActionSecretHandlers(secrets, once, mint, secret_uses, chassis.clock),
            ActionCatalogHandlers(actions, platform),
            *_of_access(projects, keys, once, access, key_uses, chassis.clock),
        ),
        authenticator=access,
        projects=access,
        components=(
            counts,
            migrator,
            producer,
            relay,
            reads,
            commits,
            installer,
            states,
            announcer,
            engine,
            sweeper,
            proofs,
        ),
    )


def _of_access(
    projects: Projects, keys: Keys, once: Once, access: Access, uses: KeyUses, clock: Clock
) -> tuple[ProjectHandlers, ConfigHandlers, MemberHandlers, ApiKeyHandlers]:
    finder = ProjectFinder(projects, access)
    return (
        ProjectHandlers(projects, keys, once, finder, clock),
        ConfigHandlers(projects, finder, clock),
        MemberHandlers(projects, keys, finder, clock),
        ApiKeyHandlers(keys, once, finder, access, uses.last, clock),
    )


def _first_things(settings: CatalogSettings) -> FirstThings:
    key = settings.bootstrap_api_key
    return FirstThings(settings.bootstrap_project, None if key is None else key.get_secret_value())
