"""Event streams: sent as they come, kept alive, and ended by either side."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.chassis.http import Answer, Call, EventStream, Role, Route
from libs.chassis.http.limits import HttpLimits
from tests.doubles.door import serving
from tests.doubles.wire import head, wire
from tests.unit.chassis.http.toyshop import Parade, routes

PARADE = "/v1/projects/acme/toys/parade"


async def closed(parade: Parade) -> None:
    async with asyncio.timeout(5):
        await parade.closed.wait()


async def test_events_come_as_they_happen_until_the_last() -> None:
    parade = Parade()
    async with serving(routes(parade)) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", PARADE))
        answered = await client.until(b"\r\n\r\n")
        assert b"Content-Type: text/event-stream" in answered
        await client.until(b": open\n\n")
        for step in (1, 2):
            parade.steps.put_nowait(step)
            assert (await client.until(b"}\n\n")).endswith(b'id: %d\nevent: step\ndata: {"step":%d}\n\n' % (step, step))
        parade.steps.put_nowait(None)
        await client.rest()
        await closed(parade)


async def test_a_quiet_stream_gets_comments() -> None:
    parade = Parade()
    limits = HttpLimits(stream_comment_seconds=0.02, drain_seconds=5)
    async with serving(routes(parade), limits) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", PARADE))
        await client.until(b": still here\n\n")
        await client.until(b": still here\n\n")
        parade.steps.put_nowait(1)
        await client.until(b'data: {"step":1}\n\n')


async def test_a_client_that_hangs_up_ends_its_stream() -> None:
    parade = Parade()
    async with serving(routes(parade)) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", PARADE))
        await client.until(b": open\n\n")
        client.abort()
        await closed(parade)
        await shop.door.emptied.wait()
        assert shop.registry.get_sample_value("mobius_http_streams_open") == 0


async def test_a_draining_server_ends_its_streams_properly() -> None:
    parade = Parade()
    async with serving(routes(parade)) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", PARADE))
        await client.until(b": open\n\n")
        await shop.server.stop()
        assert (await client.rest()).endswith(b"0\r\n\r\n")
        await closed(parade)


async def test_one_stream_too_many_is_503() -> None:
    limits = HttpLimits(max_streams=1, drain_seconds=5)
    async with serving(routes(), limits) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", PARADE))
        await client.until(b": open\n\n")
        assert (await shop.ask("GET", PARADE))[0] == 503


async def test_a_client_that_takes_nothing_is_left() -> None:
    ended = asyncio.Event()

    async def flood() -> AsyncIterator[bytes]:
        try:
            while True:
                yield b"data: " + b"x" * 1_000_000 + b"\n\n"
        finally:
            ended.set()

    async def watch(_call: Call[None, None]) -> Answer:
        return EventStream(flood())

    route = Route(
        method="GET", path="/flood", operation_id="flood", summary="", handler=watch, role=Role.VIEWER, waits=True
    )
    limits = HttpLimits(body_seconds=0.2, drain_seconds=5)
    async with serving([route], limits) as shop, wire(shop.server.address, small_buffers=True) as client:
        await client.send(head("GET", "/flood"))
        await client.until(b"\r\n\r\n")
        async with asyncio.timeout(5):
            await ended.wait()


@pytest.mark.parametrize("error", [RuntimeError("a bug"), ValueError("another")])
async def test_an_iterator_that_fails_cuts_the_stream_short(error: Exception) -> None:
    async def broken() -> AsyncIterator[bytes]:
        yield b"data: 1\n\n"
        raise error

    async def watch(_call: Call[None, None]) -> Answer:
        return EventStream(broken())

    route = Route(
        method="GET", path="/broken", operation_id="broken", summary="", handler=watch, role=Role.VIEWER, waits=True
    )
    async with serving([route]) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", "/broken"))
        await client.until(b"data: 1\n\n")
        rest = await client.rest()
        assert not rest.endswith(b"0\r\n\r\n")
        assert b"HTTP/1.1" not in rest
        assert (await shop.ask("GET", "/nowhere"))[0] == 404
