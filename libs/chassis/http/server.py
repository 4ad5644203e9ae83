"""The HTTP server as a component: listens, drops slow heads, drains."""

import asyncio

from libs.chassis.http.connection import GuardedServer
from libs.chassis.http.door import Door
from libs.chassis.http.limits import HttpLimits
from libs.chassis.loops.background import background
from libs.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

_BACKLOG = 1_024


class HttpServer:
    """Component. Listens from `start` on, but lets only health through until `door.open` is set."""

    def __init__(self, door: Door, host: str, port: int, limits: HttpLimits) -> None:
        self._door = door
        self._host = host
        self._port = port
        self._limits = limits
        self._guarded: GuardedServer | None = None
        self._listener: asyncio.Server | None = None
        self._loops: tuple[asyncio.Task[None], ...] = ()

    @property
    def address(self) -> tuple[str, int]:
        """Where it listens, with the port that was really taken."""
        assert self._listener is not None
        host, port = self._listener.sockets[0].getsockname()[:2]
        return host, port

    async def start(self) -> None:
        self._guarded = GuardedServer(self._door, self._limits)
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(self._guarded, self._host, self._port, backlog=_BACKLOG)
        self._loops = (
            background(self._drop_slow_heads(self._guarded), "slow-head-reaper"),
            background(self._door.open_calls.keep_looking(), "open-calls"),
        )

    async def stop(self) -> None:
        """Stops accepting, tells long polls, waits for what is at work (at most `drain_seconds`), then closes."""
        if self._listener is None or self._guarded is None:
            return
        self._listener.close()
        self._door.draining.set()
        self._guarded.close_idle()
        try:
            async with asyncio.timeout(self._limits.drain_seconds):
                await self._door.emptied.wait()
        except TimeoutError:
            log.warning("requests_cut_off", drain_seconds=self._limits.drain_seconds)
        await self._guarded.shutdown(1.0)
        for loop in self._loops:
            loop.cancel()
        await asyncio.gather(*self._loops, return_exceptions=True)
        self._listener = None

    def ready(self) -> str | None:
        if self._listener is None:
            return "the HTTP server does not listen"
        return "the process is stopping" if self._door.draining.is_set() else None

    async def _drop_slow_heads(self, guarded: GuardedServer) -> None:
        while True:
            await asyncio.sleep(self._limits.header_seconds / 4)
            dropped = guarded.close_slow_heads(asyncio.get_running_loop().time())
            if dropped:
                log.info("slow_heads_dropped", connections=dropped)
