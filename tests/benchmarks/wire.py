"""A lean HTTP client for measurements in which the client must not be the limit, on both sides of a comparison.

It speaks just enough: POST with a body, kept-alive connections, answers that name their length.
"""

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from typing import Protocol, cast
from urllib.parse import urlsplit

from libs.contracts.codec import dump_json

END_OF_HEAD = b"\r\n\r\n"
LENGTH = b"content-length:"

Answer = tuple[int, bytes]


class Wire(asyncio.Protocol):
    """One connection; its user waits for each answer before the next request."""

    def __init__(self, host: str, headers: Mapping[str, str]) -> None:
        lines = {"Host": host, "Content-Type": "application/json", **headers}
        self._head = "".join(f"{name}: {value}\r\n" for name, value in lines.items()).encode()
        self._received = b""
        self._waiting: asyncio.Future[Answer] | None = None
        self._transport: asyncio.Transport | None = None

    async def post(self, path: str, body: object) -> Answer:
        """Status and body. `body` is JSON, or bytes that are. Raises `ConnectionError`."""
        if self._transport is None:
            raise ConnectionResetError("expected an open connection, but it is closed")
        self._waiting = asyncio.get_running_loop().create_future()
        raw = body if isinstance(body, bytes) else dump_json(body)
        self._transport.write(
            b"POST %s HTTP/1.1\r\n%bContent-Length: %d\r\n\r\n" % (path.encode(), self._head, len(raw)) + raw
        )
        return await self._waiting

    @property
    def is_open(self) -> bool:
        return self._transport is not None

    def close(self) -> None:
        if self._transport is not None:
            self._transport.close()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self._transport = cast(asyncio.Transport, transport)  # uvloop's own satisfies it and is none

    def connection_lost(self, error: Exception | None) -> None:
        self._transport = None
        if self._waiting is not None and not self._waiting.done():
            self._waiting.set_exception(error or ConnectionResetError("expected an answer, but the server hung up"))

    def data_received(self, data: bytes) -> None:
        self._received += data
        head, end, body = self._received.partition(END_OF_HEAD)
        if end and len(body) >= (length := _length(head)):
            self._received = body[length:]
            if self._waiting is not None and not self._waiting.done():
                self._waiting.set_result((int(head[9:12]), body[:length]))


def _length(head: bytes) -> int:
    """An answer without a body, such as 204, names no length."""
    lowered = head.lower()
    at = lowered.find(LENGTH)
    return 0 if at < 0 else int(lowered[at + len(LENGTH) :].split(b"\r\n", 1)[0])


class Poster(Protocol):
    """A client that waits for each answer before its next request."""

    async def post(self, path: str, body: object) -> Answer: ...


async def open_wire(url: str, headers: Mapping[str, str]) -> Wire:
    """A connection to the server of a URL."""
    parts = urlsplit(url)
    assert parts.hostname is not None
    assert parts.port is not None
    loop = asyncio.get_running_loop()
    return (await loop.create_connection(lambda: Wire(parts.netloc, headers), parts.hostname, parts.port))[1]


class Callers:
    """As many connections as callers are at work, kept for the next ones."""

    def __init__(self, url: str, headers: Mapping[str, str]) -> None:
        self._url = url
        self._headers = headers
        self._free: list[Wire] = []

    async def post(self, path: str, body: object) -> Answer:
        """One caller's request. Raises `ConnectionError`."""
        wire = self._free.pop() if self._free else None
        if wire is None or not wire.is_open:
            wire = await open_wire(self._url, self._headers)
        answer = await wire.post(path, body)
        self._free.append(wire)
        return answer

    def close(self) -> None:
        for wire in self._free:
            wire.close()


@asynccontextmanager
async def wires(url: str, count: int, headers: Mapping[str, str] | None = None) -> AsyncIterator[list[Wire]]:
    """So many connections to the server of a URL, for this block."""
    opened = list[Wire]()
    try:
        for _ in range(count):
            opened.append(await open_wire(url, headers or {}))
        yield opened
    finally:
        for wire in opened:
            wire.close()
