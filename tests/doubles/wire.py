"""A client that speaks HTTP byte by byte, for what no well-behaved client would send."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass

from tests.doubles.door import ADMIN

PATIENCE_SECONDS = 5


@dataclass
class Wire:
    """One connection; every read is bounded in time."""

    reader: asyncio.StreamReader
    writer: asyncio.StreamWriter

    async def send(self, data: bytes) -> None:
        self.writer.write(data)
        await self.writer.drain()

    async def until(self, mark: bytes) -> bytes:
        """Reads up to and including the mark."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.reader.readuntil(mark)

    async def answer(self) -> tuple[int, bytes, bytes]:
        """Status, head and body of a response with a length."""
        head = await self.until(b"\r\n\r\n")
        length = next((line[16:] for line in head.split(b"\r\n") if line.lower().startswith(b"content-length: ")), b"0")
        async with asyncio.timeout(PATIENCE_SECONDS):
            body = await self.reader.readexactly(int(length))
        return int(head.split(b" ")[1]), head, body

    async def rest(self) -> bytes:
        """Everything until the other side closes."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await self.reader.read()

    def abort(self) -> None:
        self.writer.transport.abort()


@asynccontextmanager
async def wire(address: tuple[str, int], small_buffers: bool = False) -> AsyncIterator[Wire]:
    """A connection to the address. `small_buffers`: it stops taking data soon when nobody reads."""
    reader, writer = await asyncio.open_connection(*address, limit=1_024 if small_buffers else 65_536)
    try:
        yield Wire(reader, writer)
    finally:
        writer.transport.abort()


def head(method: str, path: str, *headers: str, key: str = ADMIN, version: str = "1.1") -> bytes:
    """A request's head with a key."""
    lines = [f"{method} {path} HTTP/{version}", "Host: shop", f"Authorization: Bearer {key}", *headers]
    return ("\r\n".join(lines) + "\r\n\r\n").encode()
