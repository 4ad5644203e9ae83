"""A speaker and a hearer on real Kafka and PostgreSQL, for the tests of the write path."""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import UTC, datetime

from deploy.local.servers import Database, LocalServers
from libs.chassis.bus.producer import Producer
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from libs.chassis.db.statement import run
from libs.chassis.journal.entry import Context, Entry, entries
from libs.chassis.journal.store import append_parts
from libs.chassis.outbox.relay import Relay
from libs.contracts.events.dispatcher import JobClaimed
from libs.contracts.payload import Payload

NOW = datetime(2030, 1, 31, 12, tzinfo=UTC)


def claimed(run_id: str, number: int) -> JobClaimed:
    """A payload of the dispatcher that tells itself apart by `number`."""
    return JobClaimed(
        invocation_id=f"job_{run_id}",
        run_id=run_id,
        workflow_name="w",
        path="main",
        step="s",
        action="a",
        queue="default",
        attempt=number,
        claimed_by="worker",
        claimed_at=NOW,
    )


def said(stream: str, after: int, payloads: Sequence[Payload]) -> list[Entry]:
    """Payloads as entries of the dispatcher; the stream is its own key."""
    return entries(Context(service="dispatcher", project="default", now=NOW), stream, after, stream, payloads)


async def migrated(database: Database, service: str, package: str) -> Link:
    """A link to a service's schema, up to date."""
    link = Link(database.service_urls[service], f"test-{service}")
    await migrate(link, package)
    return link


async def append(link: Link, appended: Sequence[Entry]) -> None:
    """Commits entries to the journal and the outbox."""
    await run(link, append_parts(appended))


@asynccontextmanager
async def relaying(servers: LocalServers, database: Database, producer: Producer | None = None) -> AsyncIterator[Relay]:
    """The dispatcher's relay, running."""
    producer = producer or Producer(servers.kafka_bootstrap, "test-relay")
    await producer.start()
    relay = Relay("dispatcher", database.service_urls["dispatcher"], producer)
    await relay.start()
    try:
        yield relay
    finally:
        await relay.stop()
        await producer.stop()
