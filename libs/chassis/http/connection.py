"""Connections with the guards that the HTTP library's server leaves to its users: a bound on their number, a deadline
for heads, errors of the protocol in our envelope, and a signal for whoever waits that the client is gone."""

import asyncio
from collections.abc import Awaitable, Callable
from typing import Any

from aiohttp.web import BaseRequest, Server, StreamResponse
from aiohttp.web_protocol import RequestHandler

from libs.chassis.http.errors import BUSY, bad_request, envelope
from libs.chassis.http.limits import HttpLimits
from libs.chassis.http.respond import respond
from libs.chassis.loops.signals import Signal

Answerer = Callable[[BaseRequest], Awaitable[StreamResponse]]

_BUSY_BODY = envelope(BUSY)
_BUSY_ANSWER = (
    b"HTTP/1.1 503 Service Unavailable\r\nContent-Type: application/json\r\nRetry-After: 1\r\n"
    b"Connection: close\r\nContent-Length: %d\r\n\r\n%b" % (len(_BUSY_BODY), _BUSY_BODY)
)
_LINGER_SECONDS = 2.0
_LONGEST_REASON = 200


class Connection(RequestHandler):
    """One client's connection. `gone` is set when it ends; `head_since` is when an unfinished head began."""

    __slots__ = ("_guarded", "gone", "head_since")

    def __init__(self, server: "GuardedServer", *, loop: asyncio.AbstractEventLoop, **options: Any) -> None:
        super().__init__(server, loop=loop, **options)
        self._guarded = server
        self.gone = Signal()
        self.head_since: float | None = None

    @property
    def idle(self) -> bool:
        """No request is being answered or waits to be."""
        return self._current_request is None and not self._messages

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        if self._guarded.is_full():
            assert isinstance(transport, asyncio.Transport)
            transport.write(_BUSY_ANSWER)
            self.transport = transport
            self.force_close()
            return
        self.head_since = self._loop.time()
        super().connection_made(transport)

    def connection_lost(self, exc: BaseException | None) -> None:
        self.gone.set()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        super().data_received(data)
        if not data:  # the library asks itself for what it has buffered
            return
        if self._messages or self._current_request is not None:
            self.head_since = None
        elif self.head_since is None:
            self.head_since = self._loop.time()

    def handle_error(
        self, request: BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> StreamResponse:
        """A request that is not HTTP as we read it: too long a head, a bad line. Our own errors never come here."""
        reason = " ".join((message or "it is not").split())[:_LONGEST_REASON]
        response = respond(bad_request(f"expected a request of HTTP/1.1, but {reason}"), "")
        response.force_close()
        return response


class GuardedServer(Server):
    """Makes `Connection`s, and knows which of them are too slow or idle."""

    def __init__(self, answerer: Answerer, limits: HttpLimits) -> None:
        super().__init__(answerer)
        self._limits = limits

    def __call__(self) -> RequestHandler:
        return Connection(
            self,
            loop=self._loop,
            access_log=None,
            auto_decompress=False,
            keepalive_timeout=self._limits.keepalive_seconds,
            lingering_time=_LINGER_SECONDS,
        )

    def is_full(self) -> bool:
        """Whether one more connection would be too many."""
        return len(self._connections) >= self._limits.max_connections

    def close_slow_heads(self, now: float) -> int:
        """Ends connections whose head is older than the limit; answers how many. `now` by the loop's clock."""
        oldest = now - self._limits.header_seconds
        slow = [
            connection
            for connection in self.connections
            if isinstance(connection, Connection)
            and connection.head_since is not None
            and connection.head_since < oldest
        ]
        for connection in slow:
            connection.force_close()
        return len(slow)

    def close_idle(self) -> None:
        """Ends connections that wait for a next request."""
        for connection in self.connections:
            if isinstance(connection, Connection) and connection.idle:
                connection.force_close()
