"""The composition root: which parts the audit is made of, and in which order they start."""

from dataclasses import replace
from datetime import timedelta

from libs.access import Access, UseAnnouncer
from libs.chassis.bus.consumer import Consumer, ConsumerOptions
from libs.chassis.bus.partition_counts import PartitionCounts, topics_of
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.replica import StateReader
from libs.chassis.db.link import PLANNED_ONCE, Link
from libs.chassis.db.migrator import Migrator
from libs.chassis.db.reads import Reads
from libs.chassis.loops.queues import Queues
from libs.chassis.operations import Operations
from libs.chassis.outbox.backlog import OutboxLimits
from libs.chassis.outbox.metrics import show_outbox
from libs.chassis.outbox.relay import Relay
from libs.chassis.service import App, Chassis
from libs.contracts.topics import heard_by
from services.audit.api.action_log import ActionLog
from services.audit.api.routes import routes
from services.audit.consumers import Hearing
from services.audit.dashboard.parts import Dashboard
from services.audit.settings import AuditSettings
from services.audit.store.catalogue import Catalogue


def build(settings: AuditSettings, chassis: Chassis) -> App:
    """The audit, composed."""
    url, bootstrap = settings.postgres_url.get_secret_value(), settings.kafka_bootstrap
    reads = Reads.of(settings, "audit-reads")
    Queues(registry=chassis.registry).show("reads", lambda: reads.waiting)
    producer = Producer(bootstrap, "mobius-audit")
    relay = Relay("audit", url, producer, OutboxLimits.of(settings))
    show_outbox(chassis.registry, relay, producer)
    access = Access(chassis.clock)
    catalogue = Catalogue()
    states = StateReader(bootstrap, "mobius-audit-states", [*access.replicas, *catalogue.feeds])
    access.read_with(states.catch_up)
    catalogue.read_with(states.catch_up)
    heard = [topic.name for topic in heard_by("audit")]
    handler = Hearing(settings.summary_bytes)
    gather = timedelta(seconds=settings.gather_seconds)
    options = replace(ConsumerOptions.of(settings, chassis.registry), gather=gather)
    consumer = Consumer(
        "audit", bootstrap, heard, Link(url, "audit-consumer", settings=PLANNED_ONCE), relay, handler, options
    )
    operations = Operations("audit", url)
    every = timedelta(seconds=settings.key_use_seconds)
    uses = UseAnnouncer("audit", producer, access, chassis.clock, every)
    dashboard = Dashboard(settings, reads, catalogue, access, chassis.clock)
    return App(
        routes=[*routes(ActionLog(reads), operations), *dashboard.routes()],
        authenticator=access,
        projects=access,
        components=[
            PartitionCounts(topics_of("audit"), bootstrap),
            Migrator(url, "audit", "services.audit.migrations"),
            reads,
            producer,
            relay,
            states,
            operations,
            uses,
            consumer,
            *dashboard.components,
        ],
    )
