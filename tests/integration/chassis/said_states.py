"""What was said on a compacted topic, and that no journal has it."""

import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.servers import Database
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from libs.contracts.registry import decode
from libs.contracts.topics import Topic


async def said(bootstrap: str, topic: Topic, *keys: str) -> list[Event[Payload]]:
    """All about these keys, in order."""
    place = TopicPartition(topic.name, 0)
    found: list[Event[Payload]] = []
    async with AIOKafkaConsumer(
        bootstrap_servers=bootstrap, enable_auto_commit=False, auto_offset_reset="earliest"
    ) as consumer:
        consumer.assign([place])
        end = (await consumer.end_offsets([place]))[place]
        while await consumer.position(place) < end:
            for records in (await consumer.getmany(timeout_ms=200)).values():
                found += [decode(record.value) for record in records if record.key.decode() in keys]
    return found


async def journaled(database: Database, service: str, prefix: str) -> int:
    """How many events of such streams the service's journal has."""
    connection = await asyncpg.connect(database.service_urls[service])
    try:
        found = await connection.fetchval("SELECT count(*) FROM journal WHERE stream ^@ $1", prefix)
    finally:
        await connection.close()
    return int(found)
