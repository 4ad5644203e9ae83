"""The raw limits: what the parts do with nothing of ours around them."""

import asyncio
from time import perf_counter

import aiohttp
import asyncpg

from deploy.local.servers import LocalServers
from libs.chassis.bus.producer import Message, Producer
from libs.contracts.topics import TOPICS, Topic
from tests.benchmarks.children import child

BODY = (
    b'{"worker_instance_id":"bench-1","worker_session_token":"bench","concurrency_limit":1,'
    b'"actions":["bench-a","bench-b","bench-c"],"wait_seconds":5}'
)
VALUE = b"x" * 600
EVENTS = TOPICS["mobius.engine-events.v1"]


async def http_posts(seconds: float, clients: int = 64) -> float:
    """POSTs per second against a bare aiohttp server."""
    async with child("tests.benchmarks.bare_server") as (_, url), session(clients) as http:
        deadline = perf_counter() + seconds
        counts = await asyncio.gather(*(_post_until(http, url, deadline) for _ in range(clients)))
    return sum(counts) / seconds


async def _post_until(http: aiohttp.ClientSession, url: str, deadline: float) -> int:
    count = 0
    while perf_counter() < deadline:
        async with http.post(url, data=BODY, headers={"Content-Type": "application/json"}) as response:
            await response.read()
        count += 1
    return count


def session(clients: int, **options: object) -> aiohttp.ClientSession:
    """A client session that never makes a request wait for a connection."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=clients + 8), **options)  # type: ignore[arg-type]


async def http_round_trip(times: int = 300) -> float:
    """Milliseconds of one POST alone, p50."""
    async with child("tests.benchmarks.bare_server") as (_, url), session(1) as http:
        taken: list[float] = []
        for _ in range(times):
            began = perf_counter()
            async with http.post(url, data=BODY) as response:
                await response.read()
            taken.append(perf_counter() - began)
    return sorted(taken)[times // 2] * 1_000


async def commits(postgres_url: str, seconds: float) -> float:
    """Transactions per second that insert one row, one after the other on one connection."""
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS bench_raw (id bigserial PRIMARY KEY, value bytea)")
        insert = await connection.prepare("INSERT INTO bench_raw (value) VALUES ($1)")
        count, deadline = 0, perf_counter() + seconds
        while perf_counter() < deadline:
            await insert.fetch(VALUE)
            count += 1
        await connection.execute("DROP TABLE bench_raw")
        return count / seconds
    finally:
        await connection.close()


async def produce_alone(servers: LocalServers, times: int = 200) -> float:
    """Milliseconds until one produced record is acknowledged, p50."""
    producer = Producer(servers.kafka_bootstrap, "bench-raw")
    topic = await _scratch(servers)
    taken: list[float] = []
    for _ in range(times):
        began = perf_counter()
        await producer.publish(topic, 0, [Message(b"key", VALUE)])
        taken.append(perf_counter() - began)
    await producer.stop()
    return sorted(taken)[times // 2] * 1_000


async def produce(servers: LocalServers, seconds: float, batch: int = 500) -> float:
    """Records per second in batches to one partition."""
    producer = Producer(servers.kafka_bootstrap, "bench-raw")
    topic = await _scratch(servers)
    messages = [Message(b"key", VALUE)] * batch
    count, deadline = 0, perf_counter() + seconds
    while perf_counter() < deadline:
        await producer.publish(topic, 0, messages)
        count += batch
    await producer.stop()
    return count / seconds


async def _scratch(servers: LocalServers) -> Topic:
    """A topic of the benchmark's own, so that no service hears what is produced."""
    topic = EVENTS.model_copy(update={"name": "bench.raw", "partitions": 1})
    await servers.create_topics([topic])
    return topic
