"""The raw limits: what the parts do with nothing of ours around them."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable, Mapping, Sequence
from contextlib import asynccontextmanager
from statistics import median
from time import perf_counter
from typing import NamedTuple

import aiohttp
import asyncpg
from aiokafka import AIOKafkaConsumer, TopicPartition

from deploy.local.servers import LocalServers
from libs.chassis.bus.producer import Message, Producer
from libs.contracts.codec import dump_json
from libs.contracts.topics import TOPICS, Topic
from tests.benchmarks.children import child
from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.wire import Answer, Poster, wires

BODY = (
    b'{"worker_instance_id":"bench-1","worker_session_token":"bench","concurrency_limit":1,'
    b'"actions":["bench-a","bench-b","bench-c"],"wait_seconds":5}'
)
VALUE = b"x" * 600
EVENTS = TOPICS["mobius.engine-events.v1"]
JSON = {"Content-Type": "application/json"}
TIMES = 200
"""Repetitions of what is measured alone."""


class Posts(NamedTuple):
    """`cpu_ms`: of both sides, for one POST."""

    per_second: float
    cpu_ms: float


class LibraryClient:
    """aiohttp's own client in the place of a wire."""

    def __init__(self, http: aiohttp.ClientSession, url: str) -> None:
        self._http = http
        self._url = url.rstrip("/")

    async def post(self, path: str, body: object) -> Answer:
        raw = body if isinstance(body, bytes) else dump_json(body)
        async with self._http.post(self._url + path, data=raw, headers=JSON) as response:
            return response.status, await response.read()


@asynccontextmanager
async def posters(
    url: str, count: int, headers: Mapping[str, str] | None = None, *, library: bool = False
) -> AsyncIterator[Sequence[Poster]]:
    """So many clients: lean ones, or as many users of aiohttp's."""
    if not library:
        async with wires(url, count, headers) as opened:
            yield opened
    else:
        async with session(count, headers=headers) as http:
            yield [LibraryClient(http, url)] * count


async def http_posts(seconds: float, clients: int = 64, *, library: bool = False) -> Posts:
    """POSTs against a bare aiohttp server, by clients that cost little themselves, or by aiohttp's."""
    async with (
        child("tests.benchmarks.bare_server") as (process, url),
        posters(url, clients, library=library) as opened,
    ):
        meter, deadline = CpuMeter({"server": process.pid}), perf_counter() + seconds
        counts = await asyncio.gather(*(_post_until(wire, deadline) for wire in opened))
        spent = sum(meter.spent().values())
    return Posts(sum(counts) / seconds, spent / sum(counts) * 1_000)


async def _post_until(wire: Poster, deadline: float) -> int:
    count = 0
    while perf_counter() < deadline:
        status, answer = await wire.post("/", BODY)
        if status != 200:
            raise RuntimeError(f"expected an answer, but got {status} {answer!r}")
        count += 1
    return count


def session(clients: int, **options: object) -> aiohttp.ClientSession:
    """A client session that never makes a request wait for a connection."""
    return aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=clients + 8), **options)  # type: ignore[arg-type]


async def http_round_trip() -> float:
    """Milliseconds of one POST alone, p50, with the client that the workers use."""
    async with child("tests.benchmarks.bare_server") as (_, url), session(1) as http:

        async def post() -> None:
            async with http.post(url, data=BODY) as response:
                await response.read()

        return await p50_of(post)


async def commit_alone(postgres_url: str) -> float:
    """Milliseconds of a transaction that inserts one row, p50, one after the other on one connection."""
    connection = await asyncpg.connect(postgres_url)
    try:
        await connection.execute("CREATE TABLE IF NOT EXISTS bench_raw (id bigserial PRIMARY KEY, value bytea)")
        insert = await connection.prepare("INSERT INTO bench_raw (value) VALUES ($1)")
        taken = await p50_of(lambda: insert.fetch(VALUE))
        await connection.execute("DROP TABLE bench_raw")
        return taken
    finally:
        await connection.close()


async def produce_alone(servers: LocalServers) -> float:
    """Milliseconds until one produced record is acknowledged, p50."""
    producer, topic = Producer(servers.kafka_bootstrap, "bench-raw"), await scratch(servers)
    taken = await p50_of(lambda: producer.publish(topic, 0, [Message(b"key", VALUE)]))
    await producer.stop()
    return taken


async def produce_to_consume(servers: LocalServers) -> float:
    """Milliseconds from producing one record until a consumer has it, p50."""
    producer, topic = Producer(servers.kafka_bootstrap, "bench-raw"), await scratch(servers)
    consumer = AIOKafkaConsumer(bootstrap_servers=servers.kafka_bootstrap, enable_auto_commit=False)
    await consumer.start()
    consumer.assign([TopicPartition(topic.name, 0)])
    await consumer.seek_to_end()

    async def hand_over() -> None:
        await asyncio.gather(producer.publish(topic, 0, [Message(b"key", VALUE)]), consumer.getone())

    taken = await p50_of(hand_over)
    await consumer.stop()
    await producer.stop()
    return taken


async def produce(servers: LocalServers, seconds: float, batch: int = 500) -> float:
    """Records per second in batches to one partition."""
    producer, topic = Producer(servers.kafka_bootstrap, "bench-raw"), await scratch(servers)
    messages = [Message(b"key", VALUE)] * batch
    count, deadline = 0, perf_counter() + seconds
    while perf_counter() < deadline:
        await producer.publish(topic, 0, messages)
        count += batch
    await producer.stop()
    return count / seconds


async def scratch(servers: LocalServers, name: str = "bench.raw", partitions: int = 1) -> Topic:
    """A topic of the benchmark's own, so that no service hears what is produced."""
    topic = EVENTS.model_copy(update={"name": name, "partitions": partitions})
    await servers.create_topics([topic])
    return topic


async def p50_of(act: Callable[[], Awaitable[object]], times: int = TIMES) -> float:
    """Milliseconds that something takes alone, in the median. The first few warm it up and do not count."""
    taken: list[float] = []
    for _ in range(times + times // 10):
        began = perf_counter()
        await act()
        taken.append(perf_counter() - began)
    return median(taken[times // 10 :]) * 1_000
