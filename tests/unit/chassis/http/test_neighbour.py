"""One service asks another: with the caller's key, within its time, and only 200 is an answer."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta

import pytest

from libs.chassis.http import Answer, AnyRoute, Call, Content, Empty, Json, Role, Route
from libs.chassis.http.neighbour import MOST_BYTES, Neighbour
from tests.doubles.door import ADMIN, VIEWER, Served, serving

TOYS = "/v1/projects/{project}/toys/{name}"
TRACE = "00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-01"


async def behind(call: Call[None, None]) -> Answer:
    """What the asked service answers to each name."""
    match call.params["name"]:
        case "large":
            return Content(200, b"x" * (MOST_BYTES + 1), "text/plain")
        case "moved":
            return Content(302, b"", "text/plain", {"Location": f"/v1/projects/{call.project}/toys/bear"})
        case "empty":
            return Empty(204)
        case "slow":
            await call.until(call.gone, 30)
    heard = {"name": call.params["name"], "by": call.principal.key_id}
    return Json(200, heard | {"request": call.request_id, "trace": call.traceparent})


def route(handler: object, role: Role) -> AnyRoute:
    return Route(method="GET", path=TOYS, operation_id="getToy", summary="", handler=handler, role=role)  # type: ignore[arg-type]


@asynccontextmanager
async def asking(neighbour: Neighbour) -> AsyncIterator[Served]:
    """A service that hands on what its neighbour answers."""

    async def ask(call: Call[None, None]) -> Answer:
        return Json(200, await neighbour.get(call, "toys", call.params["name"]))

    await neighbour.start()
    try:
        async with serving([route(ask, Role.VIEWER)]) as served:
            yield served
    finally:
        await neighbour.stop()


@pytest.fixture
async def asked() -> AsyncIterator[str]:
    """The address of a service that answers authors."""
    async with serving([route(behind, Role.AUTHOR)]) as served:
        yield "http://{}:{}".format(*served.server.address)


@pytest.fixture
async def shop(asked: str) -> AsyncIterator[Served]:
    async with asking(Neighbour("shelf", asked, timedelta(seconds=0.5))) as served:
        yield served


async def test_a_question_carries_who_asks_and_in_which_trace(shop: Served) -> None:
    headers = {"X-Request-Id": "req_1", "Traceparent": TRACE}
    status, body, _ = await shop.ask("GET", "/v1/projects/acme/toys/a%2Fb%3Fc", headers=headers)

    assert status == 200
    assert body == b'{"name":"a/b?c","by":"key_admin","request":"req_1","trace":"%b"}' % TRACE.encode()


@pytest.mark.parametrize("name", ["empty", "moved", "large", "slow"])
async def test_anything_but_200_is_no_answer(shop: Served, name: str) -> None:
    assert (await shop.ask("GET", f"/v1/projects/acme/toys/{name}"))[0] == 503


async def test_a_neighbour_decides_by_the_callers_own_key(shop: Served) -> None:
    assert (await shop.ask("GET", "/v1/projects/acme/toys/bear", key=VIEWER))[0] == 503
    assert (await shop.ask("GET", "/v1/projects/acme/toys/bear", key=ADMIN))[0] == 200


async def test_a_neighbour_that_nobody_named_or_that_does_not_listen_is_away(unused_tcp_port: int) -> None:
    for url in (None, f"http://127.0.0.1:{unused_tcp_port}"):
        async with asking(Neighbour("shelf", url, timedelta(seconds=1))) as served:
            assert (await served.ask("GET", "/v1/projects/acme/toys/bear"))[0] == 503
