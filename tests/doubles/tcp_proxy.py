"""A TCP proxy whose connections can be cut, delayed and paused, for tests of what becomes of a broken connection.

    async with TcpProxy(("127.0.0.1", port)) as proxy:          # or the path of a Unix socket
        struck = proxy.arm(Moment.BEFORE_ANSWER)                # the next request passes, its answer does not
        ...
        await struck

It listens on a free port of 127.0.0.1, or on the Unix socket that it is told. Requests and answers are chunks of bytes;
`tests/doubles/postgres_wire.py` knows PostgreSQL's messages, so that a cut falls before or after a commit.
"""

import asyncio
import contextlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self, TypeAlias

Address: TypeAlias = tuple[str, int] | Path
"""Host and port, or a Unix socket."""

_CHUNK_BYTES = 256 * 1024


class Moment(Enum):
    """When an armed cut falls."""

    BEFORE_REQUEST = "before the client's message passes"
    BEFORE_ANSWER = "before the server's answer passes"


@dataclass(frozen=True, slots=True)
class Passing:
    """A piece of the conversation: what it is about, and whether what came before it is complete with it."""

    raw: bytes
    about: str = ""
    complete: bool = True


class Wire(Protocol):
    """Reads one connection. Each method gets bytes as they come and answers with the pieces that can be passed on."""

    def requests(self, chunk: bytes) -> Iterator[Passing]: ...
    def answers(self, chunk: bytes) -> Iterator[Passing]: ...


class PlainWire:
    """Knows nothing: a chunk is a piece."""

    def requests(self, chunk: bytes) -> Iterator[Passing]:
        yield Passing(chunk)

    def answers(self, chunk: bytes) -> Iterator[Passing]:
        yield Passing(chunk)


@dataclass(frozen=True, slots=True)
class _Armed:
    moment: Moment
    matches: Callable[[str], bool]
    struck: asyncio.Future[None]


class TcpProxy:
    """`target` is where the server is. `delay_ms` may be set at any time: each chunk waits that long."""

    def __init__(self, target: Address, listen: Path | None = None, wire: Callable[[], Wire] = PlainWire) -> None:
        self._target = target
        self._listen = listen
        self._wire = wire
        self._server: asyncio.Server | None = None
        self._open = asyncio.Event()
        self._open.set()
        self._armed: _Armed | None = None
        self._connections: set[asyncio.Task[None]] = set()
        self.delay_ms = 0.0

    @property
    def port(self) -> int:
        """Where it listens on 127.0.0.1. Raises LookupError before the start, and where it is a Unix socket."""
        if self._server is None or self._listen is not None:
            raise LookupError("expected a started proxy on TCP, but this one is not")
        return int(self._server.sockets[0].getsockname()[1])

    @property
    def connections(self) -> int:
        """How many are open now."""
        return len(self._connections)

    async def start(self) -> None:
        if self._listen is not None:
            self._server = await asyncio.start_unix_server(self._serve, str(self._listen))
        else:
            self._server = await asyncio.start_server(self._serve, "127.0.0.1", 0)

    async def stop(self) -> None:
        if self._server is not None:
            self._server.close()
        self.cut()
        await asyncio.gather(*self._connections, return_exceptions=True)

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        await self.stop()

    def cut(self) -> int:
        """Cuts every connection at once; answers how many. New ones are let through."""
        for connection in self._connections:
            connection.cancel()
        return len(self._connections)

    def arm(self, moment: Moment, matches: Callable[[str], bool] = lambda about: True) -> asyncio.Future[None]:
        """Cuts the connection of the next request that matches, at this moment. The future is done when it fell;
        cancel it to disarm. One cut is armed at a time: another one takes its place."""
        self._armed = _Armed(moment, matches, asyncio.get_running_loop().create_future())
        return self._armed.struck

    def pause(self) -> None:
        """From now on connections are accepted and nothing is forwarded, until `resume`."""
        self._open.clear()

    def resume(self) -> None:
        self._open.set()

    async def passage(self) -> None:
        """Holds a chunk up for as long as the proxy is paused or slow."""
        if self.delay_ms:
            await asyncio.sleep(self.delay_ms / 1000)
        await self._open.wait()

    def strikes(self, request: Passing) -> _Armed | None:
        """The armed cut, if this request is the one that it waits for; it is disarmed with that."""
        armed = self._armed
        if armed is None or armed.struck.done() or not armed.matches(request.about):
            return None
        self._armed = None
        return armed

    async def _serve(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        connection = asyncio.current_task()
        assert connection is not None
        self._connections.add(connection)
        try:
            with contextlib.suppress(OSError, asyncio.CancelledError):
                await self._through(reader, writer)
        finally:
            self._connections.discard(connection)
            writer.transport.abort()

    async def _through(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await self._open.wait()
        behind_reader, behind_writer = await _connect(self._target)
        conversation = _Conversation(self, self._wire(), (reader, writer), (behind_reader, behind_writer))
        try:
            await conversation.run()
        finally:
            behind_writer.transport.abort()


_Stream: TypeAlias = tuple[asyncio.StreamReader, asyncio.StreamWriter]


async def _connect(target: Address) -> _Stream:
    if isinstance(target, Path):
        return await asyncio.open_unix_connection(str(target))
    return await asyncio.open_connection(*target)


class _Conversation:
    """One connection from a client through to the server. Whichever direction ends first ends both."""

    def __init__(self, proxy: TcpProxy, wire: Wire, client: _Stream, server: _Stream) -> None:
        self._proxy = proxy
        self._wire = wire
        self._client = client
        self._server = server
        self._withheld: _Armed | None = None

    async def run(self) -> None:
        ways = [asyncio.create_task(self._requests()), asyncio.create_task(self._answers())]
        try:
            await asyncio.wait(ways, return_when=asyncio.FIRST_COMPLETED)
        finally:
            for way in ways:
                way.cancel()
            await asyncio.gather(*ways, return_exceptions=True)
            if self._withheld is not None and not self._withheld.struck.done():
                self._withheld.struck.set_result(None)  # the server went away before it answered

    async def _requests(self) -> None:
        reader, writer = self._client[0], self._server[1]
        while chunk := await reader.read(_CHUNK_BYTES):
            await self._proxy.passage()
            for request in self._wire.requests(chunk):
                armed = self._proxy.strikes(request)
                if armed is not None and armed.moment is Moment.BEFORE_REQUEST:
                    armed.struck.set_result(None)
                    return
                self._withheld = armed or self._withheld
                writer.write(request.raw)
            await writer.drain()

    async def _answers(self) -> None:
        reader, writer = self._server[0], self._client[1]
        while chunk := await reader.read(_CHUNK_BYTES):
            await self._proxy.passage()
            for answer in self._wire.answers(chunk):
                if self._withheld is None:
                    writer.write(answer.raw)
                elif answer.complete:
                    self._withheld.struck.set_result(None)
                    return
            await writer.drain()
