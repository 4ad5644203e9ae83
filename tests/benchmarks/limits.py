"""The raw limits by name: how each is measured, and how it is called in the table."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass

from tests.benchmarks import raw
from tests.benchmarks.stage import Stage


@dataclass(frozen=True, slots=True)
class Limit:
    """What a part does with nothing of ours around it."""

    title: str
    unit: str
    measure: Callable[[Stage, float], Awaitable[float]]
    higher_is_better: bool = True


async def _posts(stage: Stage, scale: float) -> float:
    return (await raw.http_posts(2 * scale)).per_second


async def _library_posts(stage: Stage, scale: float) -> float:
    return (await raw.http_posts(2 * scale, library=True)).per_second


async def _post_cpu(stage: Stage, scale: float) -> float:
    return (await raw.http_posts(scale, clients=8)).cpu_ms


async def _post_alone(stage: Stage, scale: float) -> float:
    return await raw.http_round_trip()


async def _commit_alone(stage: Stage, scale: float) -> float:
    return await raw.commit_alone(stage.stack.postgres_url)


async def _produce(stage: Stage, scale: float) -> float:
    return await raw.produce(stage.stack.servers, 2 * scale)


async def _produce_alone(stage: Stage, scale: float) -> float:
    return await raw.produce_alone(stage.stack.servers)


async def _handed_over(stage: Stage, scale: float) -> float:
    return await raw.produce_to_consume(stage.stack.servers)


LIMITS: Mapping[str, Limit] = {
    "posts": Limit("raw POSTs against a bare aiohttp server, 64 clients", "1/s", _posts),
    "library posts": Limit("raw POSTs by aiohttp's own client, 64 users", "1/s", _library_posts),
    "post cpu": Limit("CPU of one raw POST, both sides", "ms", _post_cpu, higher_is_better=False),
    "post alone": Limit("raw POST, alone", "ms p50", _post_alone, higher_is_better=False),
    "commit alone": Limit("raw commit of one row, alone", "ms p50", _commit_alone, higher_is_better=False),
    "produce": Limit("raw produce, batches of 500", "1/s", _produce),
    "produce alone": Limit("raw produce, alone, acknowledged", "ms p50", _produce_alone, higher_is_better=False),
    "handed over": Limit("raw produce to consume, alone", "ms p50", _handed_over, higher_is_better=False),
}
