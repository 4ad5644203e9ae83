"""What is wrong with a request is said with status, code and field, and nothing is written."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import LocalServers
from tests.integration.catalog.running import ENDPOINT, Catalog, new_installation, started

GOOD: dict[str, object] = {"name": "summarize", "endpoint_url": ENDPOINT}


@pytest.fixture(scope="module")
async def catalog(servers: LocalServers) -> AsyncIterator[Catalog]:
    """One for all of them: nothing here changes anything."""
    await servers.create_topics()
    database = await servers.create_database()
    async with started(new_installation(servers, database)) as catalog:
        yield catalog
    await servers.drop_database(database)


def body(**changes: object) -> dict[str, object]:
    return GOOD | changes


FIELDS = [
    ({"endpoint_url": ENDPOINT}, "name"),
    ({"name": "summarize"}, "endpoint_url"),
    (body(extra=1), "extra"),
    (body(signing_secret="whsec_mine"), "signing_secret"),
    (body(name=7), "name"),
    (body(name=None), "name"),
    (body(name=""), "name"),
    (body(name="Summarize"), "name"),
    (body(name="summarize document"), "name"),
    (body(name="-summarize"), "name"),
    (body(name="summarize-"), "name"),
    (body(name="slack.post-message"), "name"),
    (body(name="mobius.summarize"), "name"),
    (body(name="catalog"), "name"),
    (body(name="x" * 300), "name"),
    (body(title=["a"]), "title"),
    (body(title="t" * 201), "title"),
    (body(description={"a": 1}), "description"),
    (body(endpoint_url=True), "endpoint_url"),
    (body(endpoint_url=""), "endpoint_url"),
    (body(endpoint_url="example.com/x"), "endpoint_url"),
    (body(endpoint_url="file:///etc/passwd"), "endpoint_url"),
    (body(endpoint_url="http://10.0.0.1/x"), "endpoint_url"),
    (body(endpoint_url="http://0x0a000001/"), "endpoint_url"),
    (body(endpoint_url="http://[::ffff:169.254.169.254]/"), "endpoint_url"),
    (body(endpoint_url="https://user:word@example.com/"), "endpoint_url"),
    (body(endpoint_url="https://example.com/#part"), "endpoint_url"),
    (body(endpoint_url="https://example.com/" + "x" * 2048), "endpoint_url"),
    (body(input_schema=True), "input_schema"),
    (body(input_schema=[]), "input_schema"),
    (body(input_schema={"type": "text"}), "input_schema.type"),
    (body(input_schema={"$ref": "https://example.com/s.json"}), "input_schema.$ref"),
    (body(input_schema={"$ref": "#/$defs/none"}), "input_schema.$ref"),
    (body(input_schema={"$schema": "https://example.com/mine"}), "input_schema.$schema"),
    (body(input_schema={"properties": {"a": {"pattern": "(?<=b)a"}}}), "input_schema.properties.a.pattern"),
    (body(output_schema={"required": "all"}), "output_schema.required"),
    (body(output_schema={"description": "d" * 70_000}), "output_schema"),
    (body(annotations=["idempotent"]), "annotations"),
    (body(annotations={"idempotent": "yes"}), "annotations.idempotent"),
    (body(annotations={"safe": True}), "annotations.safe"),
    (body(annotations={"destructive": True, "read_only": True}), "annotations"),
]


async def test_each_wrong_field_is_named(catalog: Catalog) -> None:
    for wrong, field in FIELDS:
        status, answer = await catalog.post("/actions", wrong)
        error = answer["error"]
        assert isinstance(error, dict)
        assert (status, error["code"], error["details"]["field"]) == (400, "invalid_argument", field), wrong
        assert "expected " in error["message"]
        assert ", but " in error["message"]
        assert len(error["message"]) < 400

    assert await catalog.get("/actions") == (200, {"items": [], "has_more": False})


RAW = [
    (b"", 400),
    (b"{", 400),
    (b"[]", 400),
    (b"null", 400),
    (b'{"name": "a", "name": "b", "endpoint_url": "http://127.0.0.1/"}', 400),
    (b'{"name": "a", "endpoint_url": "http://127.0.0.1/", "input_schema": {"minimum": NaN}}', 400),
    (b'{"name": "a", "endpoint_url": "http://127.0.0.1/", "input_schema": {"minimum": 1e999}}', 400),
    (b'{"name": "a\\u0000", "endpoint_url": "http://127.0.0.1/"}', 400),
    (b'{"name": "\\ud800", "endpoint_url": "http://127.0.0.1/"}', 400),
    (b'{"name": "\xff", "endpoint_url": "http://127.0.0.1/"}', 400),
    (
        b'{"name": "a", "endpoint_url": "http://127.0.0.1/", "input_schema": ' + b'{"not":' * 200 + b"{}" + b"}" * 201,
        400,
    ),
    (b'{"name": "a", "endpoint_url": "http://127.0.0.1/", "description": "' + b"x" * 300_000 + b'"}', 413),
]


@pytest.mark.parametrize(("raw", "expected"), RAW, ids=range(len(RAW)))
async def test_a_body_that_cannot_be_read_is_refused(catalog: Catalog, raw: bytes, expected: int) -> None:
    status, answer = await catalog.call("POST", "/actions", data=raw, headers={"Content-Type": "application/json"})
    error = answer["error"]

    assert status == expected
    assert isinstance(error, dict)
    assert error["code"] == ("payload_too_large" if expected == 413 else "invalid_argument")


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("limit=0", "limit"),
        ("limit=201", "limit"),
        ("limit=many", "limit"),
        ("limit=1&limit=2", "limit"),
        ("cursor=never-answered", "cursor"),
        ("cursor=", "cursor"),
        ("cursor=WzFd", "cursor"),
        ("order=name", "order"),
    ],
)
async def test_a_wrong_query_is_refused(catalog: Catalog, query: str, field: str) -> None:
    status, answer = await catalog.get(f"/actions?{query}")
    error = answer["error"]

    assert status == 400
    assert isinstance(error, dict)
    assert error["details"]["field"] == field


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/actions/unknown", 404),
        ("GET", "/actions/catalog/unknown", 404),
        ("GET", "/actions/%2e%2e", 404),
        ("GET", "/actions/a%00b", 400),
        ("GET", "/v1/projects/unknown/actions", 404),
        ("GET", "/v1/unknown", 404),
        ("PUT", "/actions", 405),
        ("POST", "/actions/catalog", 405),
    ],
)
async def test_what_is_not_there_is_not_found(catalog: Catalog, method: str, path: str, status: int) -> None:
    answered, body_ = await catalog.call(method, path)

    assert answered == status, body_
