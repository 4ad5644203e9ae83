"""The published SDK blocks, and what it talks to lives on the loop of the tests: its tests run in threads beside it."""

import asyncio
from collections.abc import Callable, Coroutine
from functools import wraps
from typing import ParamSpec

P = ParamSpec("P")


def beside_the_loop(test: Callable[P, None]) -> Callable[P, Coroutine[None, None, None]]:
    """Makes a blocking test one that leaves the loop running."""

    @wraps(test)
    async def in_a_thread(*args: P.args, **kwargs: P.kwargs) -> None:
        await asyncio.to_thread(test, *args, **kwargs)

    return in_a_thread
