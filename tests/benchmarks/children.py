"""Processes of the benchmark itself: each prints one line when it is ready, and ends when its input is closed."""

import asyncio
import sys
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager


@asynccontextmanager
async def child(module: str, *args: str) -> AsyncIterator[tuple[asyncio.subprocess.Process, str]]:
    """Runs `python -m module args`; answers the process and its first line."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", module, *args, stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE
    )
    assert process.stdout is not None
    assert process.stdin is not None
    first = (await asyncio.wait_for(process.stdout.readline(), 30)).decode().strip()
    try:
        yield process, first
    finally:
        process.stdin.close()
        try:
            await asyncio.wait_for(process.wait(), 20)
        except TimeoutError:
            process.kill()
            await process.wait()
