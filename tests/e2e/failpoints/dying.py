"""A service that dies at a failpoint, and is started again by the stack without it."""

import asyncio
from collections.abc import AsyncIterator, Callable, Mapping
from contextlib import asynccontextmanager

from deploy.local.readiness import StartFailed
from tests.e2e.installation import Installation

PATIENCE_SECONDS = 30


@asynccontextmanager
async def dying(installation: Installation, service: str, order: str, **settings: str) -> AsyncIterator[None]:
    """Starts the service anew, armed. The block has to bring it to the failpoint; after it the service has died there
    by SIGKILL, and runs again. What the block asks of it is answered by the one or by the other. `settings`: more
    variables for the process that dies."""
    told = installation.told
    before = len(told)
    died_at_start = await _start_armed(installation, service, order, settings)
    yield
    if not died_at_start:
        await until(lambda: any(_tells_of_death(sentence, service, order) for sentence in told[before:]))
        await until(lambda: any(sentence.startswith(f"{service}: running again") for sentence in told[before:]))


async def _start_armed(installation: Installation, service: str, order: str, more: Mapping[str, str]) -> bool:
    """Whether it died before it was ready; then it is started again already."""
    try:
        await installation.stack.restart(service, {**more, f"{service.upper()}_FAILPOINT": order})
    except StartFailed as failure:
        obituary = str(failure)
    else:
        return False
    assert "exit code -9" in obituary, obituary
    assert _last_words(order) in obituary, obituary
    await installation.stack.restart(service)
    return True


async def until(condition: Callable[[], bool]) -> None:
    async with asyncio.timeout(PATIENCE_SECONDS):
        while not condition():
            await asyncio.sleep(0.02)


def _tells_of_death(sentence: str, service: str, order: str) -> bool:
    return sentence.startswith(f"{service} was killed by signal 9") and _last_words(order) in sentence


def _last_words(order: str) -> str:
    return f'"failpoint":"{order.partition(":")[0]}"'
