"""Where pages are, what no route answers is answered by them; elsewhere the door says no more than ever."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from libs.chassis.decider import Rejected
from libs.chassis.http import Answer, AnyRoute, Call, Content, Route
from libs.chassis.http.errors import status_of
from tests.doubles.door import Served, serving


async def home(_call: Call[None, None]) -> Answer:
    return Content(200, b"home", "text/plain")


async def told(call: Call[None, None], refusal: Rejected) -> Answer:
    if call.request.path.endswith("broken"):
        raise LookupError("lost")
    return Content(status_of(refusal), f"{call.request_id} {refusal.sentence}".encode(), "text/plain")


@pytest.fixture
async def pages() -> AsyncIterator[Served]:
    def page(path: str, **more: Any) -> AnyRoute:
        return Route(
            method="GET", path=path, operation_id=path, summary="", handler=home, role=None, for_browsers=True, **more
        )

    async with serving([page("/pages", strays=told), page("/pages/one"), page("/pagesque")]) as served:
        yield served


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/pages/none", 404),
        ("GET", "/pages/one/more?a=b", 404),
        ("GET", "/pages/", 404),
        ("HEAD", "/pages/none", 404),
        ("POST", "/pages", 405),
        ("OPTIONS", "/pages/one", 405),
        ("PUT", "/pages/one?x", 405),
        ("GET", "/pages/%0a", 400),
    ],
)
async def test_what_has_no_route_below_it_is_handed_over_with_the_reason(
    pages: Served, method: str, path: str, status: int
) -> None:
    answered, body, headers = await pages.ask(method, path, key=None, headers={"X-Request-Id": "here"})

    assert (answered, headers["Content-Type"]) == (status, "text/plain")
    assert body.startswith(b"here expected ") or method == "HEAD"


@pytest.mark.parametrize("path", ["/pagesques", "/pagesque/one", "/", "/other/pages/none"])
async def test_elsewhere_a_stranger_learns_nothing(pages: Served, path: str) -> None:
    assert (await pages.ask("GET", path, key=None))[0] == 401
    assert (await pages.ask("GET", path))[0] == 404


async def test_what_has_a_route_is_answered_by_it(pages: Served) -> None:
    assert [(await pages.ask("GET", path, key=None))[1] for path in ("/pages", "/pages/one")] == [b"home"] * 2


async def test_one_that_fails_is_told_as_any_other(pages: Served) -> None:
    status, body, _ = await pages.ask("GET", "/pages/broken", key=None)

    assert status == 500
    assert b"request_id" in body


async def test_they_wait_as_all_until_the_service_has_started(pages: Served) -> None:
    pages.door.open = False

    assert (await pages.ask("GET", "/pages/none", key=None))[0] == 503


async def test_they_are_counted_without_a_name_that_the_caller_chose(pages: Served) -> None:
    await pages.ask("GET", "/pages/of-my-choice", key=None)

    counted = [sample.labels for metric in pages.registry.collect() for sample in metric.samples]
    assert any(labels.get("operation") == "unknown" for labels in counted)
    assert not any("of-my-choice" in str(labels) for labels in counted)
