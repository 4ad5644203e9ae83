"""Composes what the resealer needs, runs it, and tells a person what came of it."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

from libs.chassis.bus.producer import Producer
from libs.chassis.clock import SystemClock
from libs.chassis.db.errors import Unavailable
from libs.chassis.db.reads import Reads
from libs.chassis.outbox.relay import Relay
from libs.chassis.sealing import Sealer
from libs.chassis.service import Component
from services.catalog.settings import CatalogSettings
from services.catalog.store.commits import Commits
from services.catalog.store.resealing import Resealing
from services.catalog.workers.resealer import Resealed, Resealer

Tell = Callable[[str], None]


async def rotate_master(settings: CatalogSettings, tell: Tell) -> bool:
    """Whether everything is under the active key afterwards. `tell` gets progress and result as sentences."""
    sealer = Sealer.from_base64(settings.master_key.get_secret_value())
    tell(f"sealing everything again under the master key {sealer.active}")
    try:
        async with _resealing(settings, sealer) as resealing:
            done = await Resealer(resealing, tell).run()
    except Unavailable as error:
        tell(f"stopped: {error}; start again, what is done is done")
        return False
    return _told(done, tell)


@asynccontextmanager
async def _resealing(settings: CatalogSettings, sealer: Sealer) -> AsyncIterator[Resealing]:
    """The parts of a catalog that write and say: where none runs, this process says what it wrote by itself."""
    url = settings.postgres_url.get_secret_value()
    producer = Producer(settings.kafka_bootstrap, "mobius-admin")
    relay = Relay("catalog", url, producer)
    reads = Reads.of(settings, "admin-reads")
    commits = Commits(url, relay, timedelta(seconds=settings.publish_seconds))
    parts: tuple[Component, ...] = (producer, relay, reads, commits)
    begun: list[Component] = []
    try:
        for part in parts:
            begun.append(part)
            await part.start()
        yield Resealing(reads, commits, sealer, SystemClock())
    finally:
        for part in reversed(begun):
            await part.stop()


def _told(done: Resealed, tell: Tell) -> bool:
    for place in done.refused:
        tell(f"does not open: {place}")
    if done.left_over:
        tell(f"done, but {done.left_over} are not under the active key: keep the old key in the settings")
        return False
    tell(f"done: {done.done} sealed again; the old key can be taken out of the settings")
    return True
