"""Eight writers and two relays that are killed at random: nothing is lost, and nothing is out of order."""

import asyncio
import os
import random
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from deploy.local.children import Child
from deploy.local.servers import Database, LocalServers
from deploy.local.service import python_spec
from libs.chassis.bus.producer import Producer
from libs.chassis.db.link import Link
from libs.chassis.ids import new_id
from tests.integration.chassis.racing import Tap, Verdict, Writer, judged
from tests.integration.chassis.racing_replica import UP
from tests.integration.chassis.write_path import migrated
from tests.integration.chassis.wrong_relays import Wrong, by_the_highest_place, whatever_is_not_locked

STREAMS = 24
WRITERS_HERE, WRITERS_PER_REPLICA, REPLICAS = 4, 2, 2
LONGEST_LIFE_SECONDS = 2.0
DRAINED_SECONDS = 60
WRONG_SECONDS = 3
SLOW_COMMITS = (
    "CREATE FUNCTION dawdle() RETURNS trigger LANGUAGE plpgsql AS"
    " $$ BEGIN PERFORM pg_sleep(random() * 0.005); RETURN NULL; END $$",
    "CREATE CONSTRAINT TRIGGER slow_commit AFTER INSERT ON outbox DEFERRABLE INITIALLY DEFERRED"
    " FOR EACH ROW EXECUTE FUNCTION dawdle()",
)
"""Between the end of a statement and its commit passes a random moment, as on a busy disk."""
UNFINISHED = """SELECT 1 FROM outbox UNION ALL
SELECT 1 FROM pg_stat_activity WHERE application_name = 'racing' AND datname = current_database() LIMIT 1"""
"""What waits to be published, and what the server still does for writers that were killed."""


@dataclass
class Race:
    """A database and a topic to race on. Everything random follows from `seed`."""

    servers: LocalServers
    database: Database
    folder: Path
    link: Link
    tap: Tap
    seed: int
    streams: list[str] = field(default_factory=lambda: [new_id("job") for _ in range(STREAMS)])
    kills: int = 0
    conflicts: int = 0

    @property
    def postgres_url(self) -> str:
        return self.database.service_urls["dispatcher"]

    @asynccontextmanager
    async def writing(self, count: int) -> AsyncIterator[None]:
        """Writers of another process than any relay's: theirs are found by looking."""
        links = [Link(self.postgres_url, "racing") for _ in range(count)]
        writers = [Writer(link, self.streams, f"{self.seed}/{place}", _to_nobody) for place, link in enumerate(links)]
        tasks = [asyncio.create_task(writer.run()) for writer in writers]
        try:
            yield
        finally:
            await ended(tasks)
            self.conflicts += sum(writer.conflicts for writer in writers)
            for link in links:
                await link.close()

    @asynccontextmanager
    async def replica(self, number: int, writers: int) -> AsyncIterator[None]:
        """A replica that relays by the beginning of the block and is killed at its end."""
        log = self.folder / f"{number}-{new_id('log')}.log"
        arguments = [self.postgres_url, self.servers.kafka_bootstrap, f"{self.seed}/{log.name}", str(writers)]
        module = ["tests.integration.chassis.racing_replica", *arguments, *self.streams]
        child = Child(python_spec(f"replica-{number}", module, os.environ, log))
        try:
            async with asyncio.timeout(60):
                while UP not in log.read_text():
                    assert child.running, log.read_text()
                    await asyncio.sleep(0.02)
            yield
        finally:
            child.kill()
            await child.wait()

    async def killing(self, number: int) -> None:
        """A replica that is killed and started again, until cancelled."""
        moments = random.Random(f"{self.seed}/{number}")
        while True:
            async with self.replica(number, WRITERS_PER_REPLICA):
                await asyncio.sleep(moments.uniform(0, LONGEST_LIFE_SECONDS))
            self.kills += 1

    async def drained(self) -> None:
        """One more replica publishes what is left."""
        async with self.replica(REPLICAS, 0), asyncio.timeout(DRAINED_SECONDS):
            while await self.link.rows(UNFINISHED):
                await asyncio.sleep(0.05)

    async def verdict(self) -> Verdict:
        rows = await self.link.rows("SELECT event FROM journal")
        return judged([bytes(row["event"]) for row in rows], await self.tap.read(self.streams))


def _to_nobody(_: object) -> None:
    """There is no relay in this process."""


async def ended(tasks: "Sequence[asyncio.Future[None]]") -> None:
    """Cancels; raises what a task failed of before."""
    for task in tasks:
        task.cancel()
    outcomes = await asyncio.gather(*tasks, return_exceptions=True)
    for outcome in outcomes:
        if isinstance(outcome, Exception):
            raise outcome


@pytest.fixture
async def race(servers: LocalServers, database: Database, tmp_path: Path) -> AsyncIterator[Race]:
    await servers.create_topics()
    link = await migrated(database, "dispatcher", "services.dispatcher.migrations")
    for statement in SLOW_COMMITS:
        await link.rows(statement)
    tap = Tap(servers.kafka_bootstrap)
    await tap.open()
    seed = int(os.environ.get("MOBIUS_SEED") or random.SystemRandom().randrange(2**32))
    print(f"MOBIUS_SEED={seed}")
    yield Race(servers, database, tmp_path, link, tap, seed)
    await tap.close()
    await link.close()


@pytest.mark.timeout(240)
@pytest.mark.parametrize("seconds", [12, pytest.param(60, marks=pytest.mark.nightly)])
async def test_relays_that_are_killed_lose_nothing_and_keep_the_order(race: Race, seconds: int) -> None:
    async with race.writing(WRITERS_HERE):
        killers = [asyncio.create_task(race.killing(number)) for number in range(REPLICAS)]
        await asyncio.wait(killers, timeout=seconds)
        await ended(killers)
    await race.drained()
    verdict = await race.verdict()
    print(f"{race.kills} kills, {race.conflicts} conflicts, {verdict}")

    assert verdict.is_good, f"MOBIUS_SEED={race.seed}: {verdict}"
    assert race.kills >= 2
    assert race.conflicts > 0
    assert verdict.events > 20 * seconds


@pytest.mark.parametrize(
    ("relays", "harm"), [([by_the_highest_place], "lost"), ([whatever_is_not_locked] * 4, "disordered")]
)
async def test_a_relay_that_does_it_wrong_is_found_out(race: Race, relays: Sequence[Wrong], harm: str) -> None:
    links = [Link(race.postgres_url, "racing-wrong") for _ in relays]
    producer, over = Producer(race.servers.kafka_bootstrap, "racing-wrong"), asyncio.Event()
    tasks = [asyncio.ensure_future(relay(link, producer, over)) for relay, link in zip(relays, links, strict=True)]
    async with race.writing(WRITERS_HERE + REPLICAS * WRITERS_PER_REPLICA):
        await asyncio.sleep(WRONG_SECONDS)
    over.set()
    await asyncio.gather(*tasks)
    verdict = await race.verdict()
    print(f"{len(verdict.lost)} lost, {len(verdict.disordered)} disordered, {verdict}")
    for link in links:
        await link.close()
    await producer.stop()

    assert getattr(verdict, harm)
    assert not verdict.is_good
