"""Restate: one server with its durable log on this disk, and a Node service, started anew for each round."""

import asyncio
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Mapping, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from functools import partial
from pathlib import Path

import aiohttp

from deploy.local.children import Child, ChildSpec
from deploy.local.environment import process_basics
from deploy.local.readiness import accepts_connections, free_ports, wait_until_ready
from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.load import Timing, run_many
from tests.benchmarks.peers import BESIDE
from tests.benchmarks.peers.npm import installed
from tests.benchmarks.raw import session
from tests.benchmarks.rows import Row, cost, row
from tests.benchmarks.theme import Round, Samples, Theme
from tests.benchmarks.workflows import ALONE, MANY

PACKAGES = ("@restatedev/restate-server@1.7", "@restatedev/restate-sdk@1")
SERVER = "node_modules/@restatedev/restate-server-*/bin/restate-server"
SERVICE = Path(__file__).with_name("restate_service.mjs")
RUNS = {1: 150, 128: 2_000}
OURS = {1: ALONE.name, 128: MANY.name}
FIGURES = {"rate": ("3-step workflows", "1/s"), "p50": ("3-step workflow p50", "ms"), "cpu": ("CPU per workflow", "ms")}
START_SECONDS = 60.0
QUIET = {"NODE_ENV": "production", "RESTATE_LOGGING": "ERROR", "RESTATE_LOG_FILTER": "error", "DO_NOT_TRACK": "1"}


async def measure(round_: Round) -> Mapping[str, float]:
    """Workflows/s, p50 (ms) and CPU milliseconds per workflow over server, service and load."""
    measured: dict[str, float] = {}
    async with _restate() as restate, session(max(RUNS)) as http:
        for concurrency, most in RUNS.items():
            runs = round_.sized(most)
            call = partial(_run, http, restate.ingress)
            await run_many(call, concurrency, range(max(5, runs // 10)))
            meter = CpuMeter({"server": restate.server.pid, "service": restate.service.pid})
            timing = await run_many(call, concurrency, range(runs))
            measured |= _summed_up(concurrency, timing, sum(meter.spent().values()))
            round_.tell(f"  Restate, c={concurrency}: {timing.per_second:.0f} workflows/s")
    return measured


def rows(samples: Samples) -> Sequence[Row]:
    """Theirs, and ours beside it where that was measured too."""
    return [one for concurrency in RUNS for name in FIGURES for one in _rows(samples, concurrency, name)]


def _rows(samples: Samples, concurrency: int, name: str) -> list[Row]:
    title, unit = FIGURES[name]
    make = row if name == "rate" else cost
    at, theirs = f"{title}, c={concurrency}", samples[f"restate {concurrency} {name}"]
    ours = samples.get(f"{OURS[concurrency]} {name}", ())
    found = [make(f"Restate: {at}", unit, theirs)]
    return [make(f"Mobius {BESIDE}: {at}", unit, ours, raw=theirs, ratio_target=1), *found] if ours else found


def _summed_up(concurrency: int, timing: Timing, spent: float) -> dict[str, float]:
    key = f"restate {concurrency}"
    cpu = spent / len(timing.taken) * 1_000
    return {f"{key} rate": timing.per_second, f"{key} p50": timing.percentile(0.5), f"{key} cpu": cpu}


async def _run(http: aiohttp.ClientSession, ingress: str) -> None:
    async with http.post(f"{ingress}/flow/run", json={"n": 1}) as response:
        if response.status != 200:
            raise RuntimeError(f"expected a flow that ends, but got {response.status}: {await response.text()}")
        await response.read()


@dataclass(frozen=True, slots=True)
class _Restate:
    server: Child
    service: Child
    ingress: str


@asynccontextmanager
async def _restate() -> AsyncIterator[_Restate]:
    """Server and service, for this block, with a log that begins empty."""
    home = await installed("restate", PACKAGES)
    with tempfile.TemporaryDirectory(prefix="restate-bench-") as folder:
        ingress, admin, node, port = free_ports(4)
        server = _server(home, Path(folder), ingress, admin, node)
        service = _service(home, Path(folder), port)
        try:
            for child, there in ((server, admin), (server, ingress), (service, port)):
                await wait_until_ready(child, partial(accepts_connections, "127.0.0.1", there), START_SECONDS)
            await _register(admin, port)
            yield _Restate(server, service, f"http://127.0.0.1:{ingress}")
        finally:
            await asyncio.gather(server.stop(10), service.stop(10))


def _server(home: Path, folder: Path, ingress: int, admin: int, node: int) -> Child:
    addresses = {
        "RESTATE_INGRESS__BIND_ADDRESS": f"127.0.0.1:{ingress}",
        "RESTATE_ADMIN__BIND_ADDRESS": f"127.0.0.1:{admin}",
        "RESTATE_BIND_ADDRESS": f"127.0.0.1:{node}",
        "RESTATE_ADVERTISED_ADDRESS": f"http://127.0.0.1:{node}",
    }
    command = [str(next(home.glob(SERVER))), "--node-name", "bench", "--base-dir", str(folder / "data")]
    environment = process_basics(os.environ) | QUIET | addresses
    return Child(ChildSpec("restate-server", command, environment, folder / "server.log", folder))


def _service(home: Path, folder: Path, port: int) -> Child:
    """Node looks for packages beside the file that imports them."""
    script = shutil.copy(SERVICE, home)
    command = [shutil.which("node") or "node", str(script), str(port)]
    environment = process_basics(os.environ) | QUIET
    return Child(ChildSpec("restate-service", command, environment, folder / "service.log", home))


async def _register(admin: int, port: int) -> None:
    """Right after its start the server may not take it yet."""
    body = {"uri": f"http://127.0.0.1:{port}"}
    async with aiohttp.ClientSession() as http, asyncio.timeout(START_SECONDS):
        while True:
            async with http.post(f"http://127.0.0.1:{admin}/deployments", json=body) as response:
                if response.status in (200, 201):
                    return
            await asyncio.sleep(0.2)


THEME = Theme("restate", measure, rows)
