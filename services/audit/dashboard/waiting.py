"""What was done a moment ago is heard of a moment later: a page that follows a command waits for it, not for long."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Final, TypeVar

Found = TypeVar("Found")

TRIES: Final = 50
PAUSE_SECONDS: Final = 0.1


async def until(look: Callable[[], Awaitable[Found]], good: Callable[[Found], bool]) -> Found:
    """What is found as soon as it is good, or what is found in the end."""
    found = await look()
    for _ in range(TRIES):
        if good(found):
            break
        await asyncio.sleep(PAUSE_SECONDS)
        found = await look()
    return found
