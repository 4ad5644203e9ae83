"""Looks into the database, past the proxies: how much is in flight, and whether everything has come to rest."""

import asyncio
from contextlib import suppress

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition
from aiokafka.errors import KafkaError

from tests.chaos.storm.installation import Installation

LOOK_SECONDS = 1.0
SERVICES = ("catalog", "engine", "dispatcher", "audit")
_LOST = (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, TimeoutError)


class Watch:
    """`in_flight` and `ended` are as of the last look; `run` looks until cancelled."""

    def __init__(self, installation: Installation) -> None:
        self._installation = installation
        self.in_flight = 0
        self.ended = 0

    async def run(self) -> None:
        while True:
            with suppress(*_LOST):
                await self._look()
            await asyncio.sleep(LOOK_SECONDS)

    async def _look(self) -> None:
        [row] = await _rows(self._installation, "SELECT count(*) AS all, count(completed_at) AS ended FROM engine.runs")
        self.in_flight, self.ended = row["all"] - row["ended"], row["ended"]


async def unrest(installation: Installation) -> str:
    """What is still moving, as a sentence; empty when everything rests."""
    found = [
        f"{rows[0]['count']} {what}"
        for what, sql in _RESTLESS.items()
        if (rows := await _rows(installation, sql))[0]["count"]
    ]
    return ", ".join(found) or await _unheard(installation)


_RESTLESS = {
    "runs that have not ended": "SELECT count(*) FROM engine.runs WHERE completed_at IS NULL",
    "jobs that wait": "SELECT count(*) FROM dispatcher.ready",
    "jobs in somebody's hands": "SELECT count(*) FROM dispatcher.leased",
    **{f"events in the outbox of {name}": f"SELECT count(*) FROM {name}.outbox" for name in SERVICES},
}


async def _unheard(installation: Installation) -> str:
    """Which hearer has not heard a topic to its end."""
    for service in SERVICES:
        rows = await _rows(installation, f"SELECT topic, partition, next_offset FROM {service}.positions")
        if not rows:
            continue
        ends = await _ends(installation, [TopicPartition(row["topic"], row["partition"]) for row in rows])
        for row in rows:
            end = ends[TopicPartition(row["topic"], row["partition"])]
            if row["next_offset"] != end:
                return f"{service} is at {row['next_offset']} of {end} in {row['topic']}/{row['partition']}"
    return ""


async def _ends(installation: Installation, places: list[TopicPartition]) -> dict[TopicPartition, int]:
    consumer = AIOKafkaConsumer(bootstrap_servers=installation.stack.kafka_bootstrap)
    consumer.assign(places)
    await consumer.start()
    try:
        ends: dict[TopicPartition, int] = await consumer.end_offsets(places)
        return ends
    finally:
        await consumer.stop()


async def until_rest(installation: Installation, within: float) -> str:
    """Waits for rest; answers what is still moving when the time (seconds) is over, or nothing."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + within
    while True:
        try:
            moving = await unrest(installation)
        except (*_LOST, KafkaError) as error:
            moving = f"the servers do not answer ({type(error).__name__})"
        if not moving or loop.time() > deadline:
            return moving
        await asyncio.sleep(LOOK_SECONDS)


async def _rows(installation: Installation, sql: str) -> list[asyncpg.Record]:
    connection = await asyncpg.connect(installation.servers.postgres_url, timeout=5)
    try:
        rows: list[asyncpg.Record] = await connection.fetch(sql, timeout=5)
        return rows
    finally:
        connection.terminate()
