"""Runs an aiohttp application on 127.0.0.1 for as long as a `with` block lasts."""

from __future__ import annotations

from types import TracebackType

from aiohttp import web

HOST = "127.0.0.1"


class LocalServer:
    """`async with LocalServer(app) as server: server.url`. Port 0 takes a free one; it listens before the block."""

    def __init__(self, app: web.Application, port: int = 0) -> None:
        self._runner = web.AppRunner(app, access_log=None, shutdown_timeout=1.0)
        self._wanted_port = port

    @property
    def url(self) -> str:
        """Like `http://127.0.0.1:43210`, without a slash at the end."""
        host, port = self._runner.addresses[0][:2]
        return f"http://{host}:{port}"

    async def __aenter__(self) -> LocalServer:
        await self._runner.setup()
        try:
            await web.TCPSite(self._runner, HOST, self._wanted_port).start()
        except OSError:
            await self._runner.cleanup()
            raise
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self._runner.cleanup()
