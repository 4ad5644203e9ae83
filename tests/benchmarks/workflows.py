"""3-step workflows with no-op remote workers, at several concurrencies: workflows/s, latency, CPU per step."""

from collections.abc import Mapping

from deploy.local.stack import LocalStack
from tests.benchmarks.children import child
from tests.benchmarks.cpu import CpuMeter
from tests.benchmarks.load import STEPS, Installation, run_many

RUNS = {1: 100, 32: 1_500, 128: 3_000}
WORKERS = {1: 3, 32: 32, 128: 64}


async def round_of(
    stack: LocalStack, installation: Installation, concurrency: int, scale: float
) -> Mapping[str, float]:
    """One round; answers workflows/s, p50 and p99 (ms), CPU milliseconds per step, in all and by process."""
    runs = max(10, int(RUNS[concurrency] * scale))
    count = str(WORKERS[concurrency])
    async with child("tests.benchmarks.workers", installation.dispatcher, stack.api_key, count) as (process, _):
        await run_many(installation, concurrency, range(max(5, runs // 10)))
        meter = CpuMeter({**stack.pids(), "workers": process.pid})
        timing = await run_many(installation, concurrency, range(runs))
        spent = meter.spent()
    steps = runs * len(STEPS)
    measured = {"rate": timing.per_second, "p50": timing.percentile(0.5), "p99": timing.percentile(0.99)}
    measured["cpu"] = sum(spent.values()) / steps * 1_000
    return measured | {f"cpu:{name}": seconds / steps * 1_000 for name, seconds in spent.items()}
