"""What goes wrong behind a page is told on one, and says nothing of what it was."""

from collections.abc import AsyncIterator

import pytest

from libs.chassis.db.errors import Unavailable
from libs.chassis.http import Answer, Call
from services.audit.dashboard.address import HOME
from services.audit.dashboard.responses import HEADERS
from services.audit.dashboard.site import browser_route
from tests.doubles.door import Served, serving


async def broken(_call: Call[None, None]) -> Answer:
    raise LookupError("<script>of the inside</script>")


async def away(_call: Call[None, None]) -> Answer:
    raise Unavailable("<script>of the inside</script>")


@pytest.fixture
async def pages() -> AsyncIterator[Served]:
    routes = [browser_route("GET", "/broken", broken), browser_route("POST", "/away", away)]
    async with serving(routes) as served:
        yield served


@pytest.mark.parametrize(("method", "path", "status"), [("GET", "/broken", 500), ("POST", "/away", 503)])
async def test_a_failure_is_a_page_with_every_header_and_nothing_of_the_inside(
    pages: Served, method: str, path: str, status: int
) -> None:
    answered, body, headers = await pages.ask(method, f"{HOME}{path}", key=None)

    assert answered == status
    assert headers.items() >= HEADERS.items()
    assert (headers["Content-Type"], headers["Cache-Control"]) == ("text/html; charset=utf-8", "no-store")
    assert b"of the inside" not in body
    assert ("Retry-After" in headers) is (status == 503)
