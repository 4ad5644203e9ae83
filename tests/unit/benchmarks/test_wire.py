"""The lean client reads answers as a server may send them."""

import asyncio

from tests.benchmarks.wire import wires


async def served(*pieces: bytes) -> tuple[int, bytes]:
    """What the client makes of an answer that arrives in these pieces."""

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.readuntil(b'{"n":1}')
        for piece in pieces:
            writer.write(piece)
            await writer.drain()
            await asyncio.sleep(0)
        await reader.read()
        writer.close()

    server = await asyncio.start_server(answer, "127.0.0.1", 0)
    host, port = server.sockets[0].getsockname()
    async with server, wires(f"http://{host}:{port}", 1) as (wire,):
        return await wire.post("/", {"n": 1})


async def test_an_answer_in_pieces_is_put_together() -> None:
    pieces = (b"HTTP/1.1 200 OK\r\nContent-Le", b"ngth: 5\r\n\r\nhe", b"llo")
    assert await served(*pieces) == (200, b"hello")


async def test_an_answer_without_a_body_is_complete_with_its_head() -> None:
    assert await served(b"HTTP/1.1 204 No Content\r\nServer: x\r\n\r\n") == (204, b"")
