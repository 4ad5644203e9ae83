"""The caller's side: registers what is needed, starts runs, and waits for their ends."""

import asyncio
from collections.abc import Awaitable, Callable, Iterable, Iterator
from dataclasses import dataclass, field
from time import perf_counter

import aiohttp
import orjson

from libs.contracts.codec import JsonObject, dump_json
from tests.benchmarks.wire import Callers

STEPS = ("bench-a", "bench-b", "bench-c")
SPEC: JsonObject = {
    "name": "bench",
    "steps": [{"name": step, "action": step, "parameters": {"n": 1}} for step in STEPS],
}
ONE_STEP: JsonObject = {"name": "bench-one", "steps": [{"name": "only", "action": "bench-a", "parameters": {"n": 1}}]}
BODY: JsonObject = {"mode": "inline", "spec": SPEC, "inputs": {}}
WANTED = dump_json(BODY)
TO_ITS_END = "/v1/projects/default/runs?wait_seconds=30"


@dataclass(frozen=True, slots=True)
class Installation:
    """The services' own addresses, and a client with a key."""

    http: aiohttp.ClientSession
    callers: Callers
    """Of the engine, for whoever waits for whole runs."""
    catalog: str
    engine: str
    dispatcher: str
    audit: str

    def project(self, base: str) -> str:
        return f"{base}/v1/projects/default"


@dataclass(slots=True)
class Timing:
    """Seconds from the request to the terminal event, one for each run."""

    taken: list[float] = field(default_factory=list)
    elapsed: float = 0.0

    def percentile(self, share: float) -> float:
        """Milliseconds."""
        ordered = sorted(self.taken)
        return ordered[min(len(ordered) - 1, int(len(ordered) * share))] * 1_000

    @property
    def per_second(self) -> float:
        return len(self.taken) / self.elapsed


async def register(installation: Installation) -> None:
    """The three no-op actions. No worker of ours is asked: nobody listens at their endpoint."""
    for step in STEPS:
        body = {"name": step, "endpoint_url": "http://127.0.0.1:9/never-called"}
        url = f"{installation.project(installation.catalog)}/actions"
        async with installation.http.post(url, json=body) as response:
            if response.status not in (201, 409):
                raise RuntimeError(f"expected to register {step}, but got {response.status}: {await response.text()}")


async def start(installation: Installation, body: object = None, wait_seconds: int = 0) -> str:
    """Starts one run, and waits for its end; answers its status."""
    url = f"{installation.project(installation.engine)}/runs?wait_seconds={wait_seconds}"
    async with installation.http.post(url, json=body or BODY) as response:
        if response.status != 202:
            raise RuntimeError(f"expected a started run, but got {response.status}: {await response.text()}")
        started: dict[str, str] = await response.json()
        return started["status"]


def lasting(seconds: float) -> Iterator[None]:
    """Turns until so many seconds after the first."""
    deadline = perf_counter() + seconds
    while perf_counter() < deadline:
        yield


async def to_its_end(installation: Installation) -> None:
    """One run of the three steps, waited for as its caller would."""
    status, raw = await installation.callers.post(TO_ITS_END, WANTED)
    if status != 202 or orjson.loads(raw)["status"] != "completed":
        raise RuntimeError(f"expected a completed run, but got {status}: {raw!r}")


async def run_many(call: Callable[[], Awaitable[None]], concurrency: int, turns: Iterable[object]) -> Timing:
    """A call for each turn, `concurrency` at a time."""
    timing = Timing()
    left = iter(turns)
    began = perf_counter()

    async def caller() -> None:
        for _ in left:
            at = perf_counter()
            await call()
            timing.taken.append(perf_counter() - at)

    await asyncio.gather(*(caller() for _ in range(concurrency)))
    timing.elapsed = perf_counter() - began
    return timing
