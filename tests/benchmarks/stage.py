"""An installation of the benchmark's own: everything on this machine, the no-op actions registered."""

import tempfile
from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from deploy.local.stack import LocalStack, StackOptions
from libs.contracts.topics import SERVICES
from tests.benchmarks.load import Installation, register
from tests.benchmarks.raw import session
from tests.benchmarks.wire import Callers

MOST_CALLERS = 256


@dataclass(frozen=True, slots=True)
class Stage:
    """The running stack, and how its callers reach it."""

    stack: LocalStack
    installation: Installation


@asynccontextmanager
async def on_stage(tell: Callable[[str], None]) -> AsyncIterator[Stage]:
    """Started for this block; its data is gone afterwards."""
    with tempfile.TemporaryDirectory(prefix="mobius-bench-") as folder:
        async with LocalStack(Path(folder), StackOptions(tell=tell)) as stack:
            headers = {"Authorization": f"Bearer {stack.api_key}"}
            async with session(MOST_CALLERS, headers=headers) as http:
                urls = {name: stack.service_url(name) for name in SERVICES}
                callers = Callers(urls["engine"], headers)
                installation = Installation(http, callers, **urls)
                await register(installation)
                yield Stage(stack, installation)
                callers.close()
