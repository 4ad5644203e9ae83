"""Waits until something answers: a condition tried again and again, ended early when its process dies."""

import asyncio
import socket
from collections.abc import Awaitable, Callable

from deploy.local.children import Child, last_lines

_PAUSE_SECONDS = 0.03


class StartFailed(Exception):
    """A part of the local stack did not come up; the text says which, and what its log said last."""


async def wait_until_ready(child: Child, check: Callable[[], Awaitable[bool]], timeout_seconds: float) -> None:
    """Returns when `check` answers True. Raises StartFailed when the process ends or the time is over."""
    loop = asyncio.get_running_loop()
    deadline = loop.time() + timeout_seconds
    while not await check():
        if not child.running:
            raise StartFailed(_story(child, f"ended with exit code {await child.wait()} before it was ready"))
        if loop.time() > deadline:
            raise StartFailed(_story(child, f"expected to be ready within {timeout_seconds:g} s, but it is not"))
        await asyncio.sleep(_PAUSE_SECONDS)


async def accepts_connections(host: str, port: int) -> bool:
    try:
        _, writer = await asyncio.open_connection(host, port)
    except OSError:
        return False
    writer.close()
    return True


def free_ports(count: int) -> list[int]:
    """Different ports of 127.0.0.1 that nobody listens on at this moment."""
    probes = [socket.socket() for _ in range(count)]
    try:
        for probe in probes:
            probe.bind(("127.0.0.1", 0))
        return [probe.getsockname()[1] for probe in probes]
    finally:
        for probe in probes:
            probe.close()


def is_free(port: int) -> bool:
    """Whether a server could listen on this port of 127.0.0.1 now."""
    with socket.socket() as probe:
        probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        try:
            probe.bind(("127.0.0.1", port))
        except OSError:
            return False
    return True


def _story(child: Child, what: str) -> str:
    return f"{child.spec.name}: {what}. Its log ({child.spec.log}) ends with:\n{last_lines(child.spec.log)}"
