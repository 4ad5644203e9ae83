"""Clients that are too slow, too many, too long or not speaking HTTP."""

import asyncio
from contextlib import AsyncExitStack

import pytest

from libs.chassis.http.limits import HttpLimits
from tests.doubles.door import serving
from tests.doubles.wire import head, wire
from tests.unit.chassis.http.toyshop import routes

TOYS = "/v1/projects/acme/toys"
HASTY = HttpLimits(header_seconds=0.2, body_seconds=0.2, drain_seconds=5)


@pytest.mark.parametrize("sent", [b"", b"GET", b"GET / HTTP/1.1\r\nHost: shop\r\nX-Slow: "])
async def test_a_head_that_does_not_come_in_time_ends_the_connection(sent: bytes) -> None:
    async with serving(routes(), HASTY) as shop, wire(shop.server.address) as slow:
        await slow.send(sent)
        assert await slow.rest() == b""


async def test_a_second_head_that_does_not_come_in_time_ends_the_connection_too() -> None:
    async with serving(routes(), HASTY) as shop, wire(shop.server.address) as slow:
        await slow.send(head("GET", f"{TOYS}/bear"))
        assert (await slow.answer())[0] == 200
        await slow.send(b"GET / HT")
        assert await slow.rest() == b""


async def test_an_idle_connection_outlives_the_deadline_for_heads() -> None:
    async with serving(routes(), HASTY) as shop, wire(shop.server.address) as quiet, wire(shop.server.address) as slow:
        await quiet.send(head("GET", f"{TOYS}/bear"))
        await quiet.answer()
        await slow.send(b"GET")
        assert await slow.rest() == b""  # the reaper has been here
        await quiet.send(head("GET", f"{TOYS}/bear"))
        assert (await quiet.answer())[0] == 200


async def test_a_body_that_does_not_come_in_time_is_408_and_ends_the_connection() -> None:
    async with serving(routes(), HASTY) as shop, wire(shop.server.address) as slow:
        await slow.send(head("POST", TOYS, "Content-Type: application/json", "Content-Length: 100") + b'{"name":')
        status, answered, body = await slow.answer()
        assert status == 408
        assert b"request_timeout" in body
        assert b"Connection: close" in answered


async def test_a_body_in_pieces_is_read_whole() -> None:
    async with serving(routes()) as shop, wire(shop.server.address) as client:
        await client.send(head("POST", TOYS, "Content-Length: 15", "Expect: 100-continue"))
        assert await client.until(b"\r\n\r\n") == b"HTTP/1.1 100 Continue\r\n\r\n"
        await client.send(b'{"name":')
        await client.send(b'"bear"}')
        assert (await client.answer())[0] == 201


async def test_pipelined_requests_are_answered_in_order() -> None:
    async with serving(routes()) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", f"{TOYS}/bear") + head("GET", f"{TOYS}/unknown") + head("DELETE", f"{TOYS}/bear"))
        assert [(await client.answer())[0] for _ in range(3)] == [200, 404, 204]


@pytest.mark.parametrize(
    ("sent", "closes"),
    [(head("GET", f"{TOYS}/bear", version="1.0"), True), (head("GET", TOYS, "Connection: close"), True)],
)
async def test_a_client_that_wants_the_connection_closed_gets_that(sent: bytes, closes: bool) -> None:
    async with serving(routes()) as shop, wire(shop.server.address) as client:
        await client.send(sent)
        status, answered, _ = await client.answer()
        assert status == 200
        assert (b"Connection: close" in answered) == closes
        assert await client.rest() == b""


@pytest.mark.parametrize(
    "sent",
    [
        b"GET /" + b"a" * 10_000 + b" HTTP/1.1\r\nHost: shop\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: shop\r\nX-Long: " + b"a" * 10_000 + b"\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: shop\r\n" + b"".join(b"X-%d: 1\r\n" % i for i in range(200)) + b"\r\n",
        b"HELLO\r\n\r\n",
        b"GET / HTTP/1.1\r\nHost: shop\r\nContent-Length: -1\r\n\r\n",
        b"POST / HTTP/1.1\r\nHost: shop\r\nContent-Length: 1\r\nTransfer-Encoding: chunked\r\n\r\n",
        b"\x16\x03\x01\x02\x00\x01\x00\x01\xfc\x03\x03\r\n\r\n",
    ],
)
async def test_what_is_not_http_as_we_read_it_is_400_in_the_envelope(sent: bytes) -> None:
    async with serving(routes()) as shop, wire(shop.server.address) as client:
        await client.send(sent)
        status, _, body = await client.answer()
        assert status == 400
        assert body.startswith(b'{"error":{"code":"invalid_argument","message":"expected a request of HTTP/1.1, but ')


async def test_a_malformed_escape_in_the_path_is_400_for_whoever_has_a_key() -> None:
    async with serving(routes()) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", f"{TOYS}/%zz"))
        assert (await client.answer())[0] == 400
        await client.send(head("GET", f"{TOYS}/%zz", key="mbx_unknown"))
        assert (await client.answer())[0] == 401


async def test_one_connection_too_many_is_told_so_and_closed() -> None:
    async with serving(routes(), HttpLimits(max_connections=2, drain_seconds=5)) as shop, AsyncExitStack() as stack:
        for _ in range(2):
            taken = await stack.enter_async_context(wire(shop.server.address))
            await taken.send(head("GET", f"{TOYS}/bear"))
            await taken.answer()
        late = await stack.enter_async_context(wire(shop.server.address))
        status, answered, body = await late.answer()
        assert (status, b"Retry-After: 1" in answered) == (503, True)
        assert b"unavailable" in body
        assert await late.rest() == b""


async def test_one_request_too_many_is_503_while_the_others_wait() -> None:
    async with (
        serving(routes(), HttpLimits(max_requests=1, drain_seconds=5)) as shop,
        wire(shop.server.address) as waiting,
    ):
        await waiting.send(head("GET", f"{TOYS}/next"))
        await until_at_work(shop.door.emptied)
        status, _, headers = await shop.ask("GET", f"{TOYS}/bear")
        assert (status, headers["Retry-After"]) == (503, "1")
        waiting.abort()
        async with asyncio.timeout(5):
            await shop.door.emptied.wait()
        assert (await shop.ask("GET", f"{TOYS}/bear"))[0] == 200


async def until_at_work(emptied: asyncio.Event) -> None:
    async with asyncio.timeout(5):
        while emptied.is_set():
            await asyncio.sleep(0)


async def test_a_draining_server_answers_long_polls_closes_idle_clients_and_accepts_nobody() -> None:
    async with serving(routes()) as shop:
        address = shop.server.address
        async with wire(address) as waiting, wire(address) as idle:
            await idle.send(head("GET", f"{TOYS}/bear"))
            await idle.answer()
            await waiting.send(head("GET", f"{TOYS}/next"))
            await until_at_work(shop.door.emptied)
            await shop.server.stop()
            status, answered, _ = await waiting.answer()
            assert (status, b"Connection: close" in answered) == (204, True)
            assert await waiting.rest() == b""
            assert await idle.rest() == b""
        with pytest.raises(ConnectionRefusedError):
            await asyncio.open_connection(*address)
