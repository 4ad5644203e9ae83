"""The API's own description, as anybody gets it from any service."""

import re
from collections.abc import AsyncIterator

import pytest

from libs.chassis.http.documents import document_routes
from libs.contracts.documents import DOCUMENTS, Document, published
from tests.doubles.door import Served, serving

POLICY = "Content-Security-Policy"


@pytest.fixture
async def service() -> AsyncIterator[Served]:
    async with serving(document_routes()) as served:
        yield served


@pytest.mark.parametrize("name", DOCUMENTS)
async def test_a_document_is_served_as_it_is_published(service: Served, name: Document) -> None:
    status, body, headers = await service.ask("GET", f"/{name}", key=None)

    assert (status, headers["Content-Type"]) == (200, "application/json")
    assert body == published(name)


async def test_the_page_takes_nothing_from_elsewhere_and_no_script_of_its_own(service: Served) -> None:
    status, page, headers = await service.ask("GET", "/docs", key=None)

    assert (status, headers["Content-Type"]) == (200, "text/html; charset=utf-8")
    assert b"//" not in page
    assert re.findall(rb"<script(?![^>]* src=)", page) == []
    sources = dict(part.split(" ", 1) for part in headers[POLICY].split("; "))
    assert sources["default-src"] == "'none'"
    assert sources["script-src"] == sources["connect-src"] == sources["style-src"] == "'self'"
    assert "http" not in headers[POLICY]
    assert sources["frame-ancestors"] == "'none'"


async def test_everything_that_the_page_names_is_here(service: Served) -> None:
    _, page, _ = await service.ask("GET", "/docs", key=None)
    named = re.findall(rb'(?:src|href)="([^"]+)"', page)
    assert len(named) == 6
    for path in named:
        status, body, headers = await service.ask("GET", path.decode(), key=None)
        assert (status, bool(body)) == (200, True), path
        assert headers["Content-Type"].partition("/")[0] in ("text", "image", "application")
        assert (POLICY in headers) == (path != b"/openapi.json")


async def test_the_viewer_is_told_to_ask_nobody_else(service: Served) -> None:
    _, script, _ = await service.ask("GET", "/docs/start.js", key=None)
    assert b'url: "/openapi.json"' in script
    assert b"validatorUrl: null" in script
    _, viewer, _ = await service.ask("GET", "/docs/swagger-ui-bundle.js", key=None)
    assert b"SwaggerUIBundle" in viewer


@pytest.mark.parametrize("path", ["/docs/nothing.js", "/docs/LICENSE", "/docs/..%2f__init__.py", "/docs/"])
async def test_other_files_of_the_package_are_not_served(service: Served, path: str) -> None:
    status, _, _ = await service.ask("GET", path)
    assert status == 404
