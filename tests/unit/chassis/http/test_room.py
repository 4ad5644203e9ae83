"""Bodies that are too much together are refused, and leave their room when they are answered."""

import asyncio

from libs.chassis.http.limits import HttpLimits
from tests.doubles.door import serving
from tests.doubles.wire import head, wire
from tests.unit.chassis.http.toyshop import routes

TOYS = "/v1/projects/acme/toys"
BODY = b'{"name":"bear"}'
LIMITS = HttpLimits(max_held_bytes=500, drain_seconds=5)


async def test_a_body_that_finds_no_room_is_503_and_the_next_one_after_it_finds_some() -> None:
    async with serving(routes(), LIMITS) as shop, wire(shop.server.address) as slow:
        await slow.send(head("POST", TOYS, "Content-Type: application/json", "Content-Length: 490"))
        async with asyncio.timeout(5):
            while not shop.registry.get_sample_value("mobius_http_held_bytes"):
                await asyncio.sleep(0)
        status, answer, headers = await shop.ask("POST", TOYS, data=BODY)
        assert (status, headers["Retry-After"]) == (503, "1")
        assert b"expected room for the body" in answer
        counted = {"operation": "createToy", "reason": "bytes"}
        assert shop.registry.get_sample_value("mobius_http_refused_total", counted) == 1
        slow.abort()
        async with asyncio.timeout(5):
            await shop.door.emptied.wait()
        assert (await shop.ask("POST", TOYS, data=BODY))[0] == 201
        assert shop.registry.get_sample_value("mobius_http_held_bytes") == 0


async def test_a_body_that_is_alone_is_always_taken() -> None:
    async with serving(routes(), HttpLimits(max_held_bytes=1, drain_seconds=5)) as shop:
        assert (await shop.ask("POST", TOYS, data=BODY))[0] == 201
