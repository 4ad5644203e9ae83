"""Calls that wait end with their key and their project, and only those."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from libs.chassis.http import open_calls
from tests.doubles.door import ADMIN, ROOT, VIEWER, Served, serving
from tests.doubles.wire import head, wire
from tests.unit.chassis.http.toyshop import Parade, routes

NEXT = "/v1/projects/acme/toys/next"
PARADE = "/v1/projects/acme/toys/parade"


@pytest.fixture
async def shop(monkeypatch: pytest.MonkeyPatch) -> AsyncIterator[Served]:
    monkeypatch.setattr(open_calls, "LOOK_SECONDS", 0.01)
    async with serving(routes()) as served:
        yield served


async def at_work(shop: Served, count: int) -> None:
    async with asyncio.timeout(5):
        while shop.registry.get_sample_value("mobius_http_requests_at_work") != count:
            await asyncio.sleep(0.001)


async def test_a_poll_is_answered_401_when_its_key_is_revoked(shop: Served) -> None:
    polls = [asyncio.create_task(shop.ask("GET", NEXT, key=key)) for key in (ADMIN, f"acme/{ADMIN}")]
    other = asyncio.create_task(shop.ask("GET", NEXT, key=VIEWER))
    await at_work(shop, 3)
    shop.keys.revoke(ADMIN)
    async with asyncio.timeout(5):
        answers = await asyncio.gather(*polls)

    assert [status for status, _, _ in answers] == [401, 401]
    assert not other.done()
    shop.keys.revoke(VIEWER)
    async with asyncio.timeout(5):
        assert (await other)[0] == 401


async def test_a_poll_is_answered_404_when_its_project_is_gone(shop: Served) -> None:
    poll = asyncio.create_task(shop.ask("GET", NEXT))
    await at_work(shop, 1)
    shop.projects.handles.remove("acme")
    shop.keys.version += 1
    async with asyncio.timeout(5):
        status, body, _ = await poll

    assert status == 404
    assert body == (await shop.ask("GET", NEXT.replace("acme", "never")))[1]


async def test_a_change_that_concerns_others_lets_a_poll_wait_on(shop: Served) -> None:
    poll = asyncio.create_task(shop.ask("GET", NEXT))
    await at_work(shop, 1)
    shop.keys.revoke(ROOT)
    await shop.door.open_calls.look()

    assert not poll.done()
    poll.cancel()


async def test_a_stream_ends_whole_when_its_key_is_revoked(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(open_calls, "LOOK_SECONDS", 0.01)
    parade = Parade()
    async with serving(routes(parade)) as shop, wire(shop.server.address) as client:
        await client.send(head("GET", PARADE))
        await client.until(b": open\n\n")
        shop.keys.revoke(ADMIN)
        async with asyncio.timeout(5):
            assert (await client.rest()).endswith(b"0\r\n\r\n")
            await parade.closed.wait()


async def test_what_cannot_be_told_now_is_asked_again(shop: Served, monkeypatch: pytest.MonkeyPatch) -> None:
    poll = asyncio.create_task(shop.ask("GET", NEXT))
    await at_work(shop, 1)
    real, asked = shop.keys.principal, []

    async def away(token: str) -> object:
        asked.append(token)
        if len(asked) == 1:
            raise TimeoutError("the topics are away")
        return await real(token)

    monkeypatch.setattr(shop.keys, "principal", away)
    shop.keys.revoke(ADMIN)
    async with asyncio.timeout(5):
        assert (await poll)[0] == 401
    assert len(asked) == 2


async def test_a_key_that_has_to_be_looked_for_holds_up_nobodys_end(
    shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    slow = asyncio.create_task(shop.ask("GET", NEXT, key=VIEWER))
    await at_work(shop, 1)
    poll = asyncio.create_task(shop.ask("GET", NEXT))
    await at_work(shop, 2)
    real = shop.keys.principal

    async def looked_for(token: str) -> object:
        if token == VIEWER:
            await asyncio.Event().wait()
        return await real(token)

    monkeypatch.setattr(shop.keys, "principal", looked_for)
    shop.keys.revoke(ADMIN)
    async with asyncio.timeout(5):
        assert (await poll)[0] == 401
    assert not slow.done()
    slow.cancel()


async def test_a_call_that_has_ended_is_forgotten(shop: Served) -> None:
    poll = asyncio.create_task(shop.ask("GET", NEXT))
    await at_work(shop, 1)
    poll.cancel()
    await asyncio.gather(poll, return_exceptions=True)
    await shop.door.emptied.wait()
    shop.keys.revoke(ADMIN)
    looked = shop.keys.lookups
    await shop.door.open_calls.look()

    assert shop.keys.lookups == looked
