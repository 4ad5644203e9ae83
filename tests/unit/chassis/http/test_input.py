"""Bodies and queries that are wrong, and what the answer says about them."""

from collections.abc import AsyncIterator
from typing import cast

import pytest

from libs.chassis.http.limits import HttpLimits
from libs.contracts.codec import parse_json
from tests.doubles.door import Served, serving
from tests.unit.chassis.http.toyshop import routes

TOYS = "/v1/projects/acme/toys"


@pytest.fixture
async def shop() -> AsyncIterator[Served]:
    async with serving(routes(), HttpLimits(max_body_bytes=1_000, drain_seconds=5)) as served:
        yield served


async def refusal(shop: Served, body: bytes, status: int = 400) -> tuple[str, str, dict[str, object]]:
    answered, answer, _ = await shop.ask("POST", TOYS, data=body)
    assert answered == status, answer
    error = cast(dict[str, dict[str, object]], parse_json(answer))["error"]
    return str(error["code"]), str(error["message"]), cast(dict[str, object], error.get("details", {}))


@pytest.mark.parametrize(
    ("body", "field", "message"),
    [
        (b"{}", "name", "expected name, but it is missing"),
        (b'{"name":"bear","colour":1}', "colour", "expected only known fields, but colour is unknown"),
        (b'{"name":7}', "name", "expected name to be a valid string, but got 7"),
        (b'{"name":null}', "name", "expected name to be a valid string, but got null"),
        (b'{"name":["a"]}', "name", "expected name to be a valid string, but got a list"),
        (b'{"name":"Bear"}', "name", "expected name to match pattern '^[a-z]+$', but got text of 4 characters"),
        (
            b'{"name":"beaaaaaaaar"}',
            "name",
            "expected name to have at most 10 characters, but got text of 11 characters",
        ),
        (b'{"name":"bear","size":"huge"}', "size", "expected size to be 'small' or 'large', but got 'huge'"),
        (b'{"name":"bear","weight":"1"}', "weight", "expected weight to be a valid number, but got text"),
        (b'{"name":"bear","weight":true}', "weight", "expected weight to be a valid number, but got true"),
        (b'{"name":"bear","labels":{"odd key":1}}', 'labels["odd key"]', None),
        (b'{"name":"bear","labels":[]}', "labels", "expected labels to be an object, but got a list"),
        (b"[]", "", "expected the body to be an object, but got a list"),
        (b'"bear"', "", "expected the body to be an object, but got text"),
    ],
)
async def test_a_wrong_field_is_named_in_a_sentence(shop: Served, body: bytes, field: str, message: str | None) -> None:
    code, said, details = await refusal(shop, body)
    assert (code, details["field"]) == ("invalid_argument", field)
    assert message is None or said == message


async def test_a_field_inside_a_union_is_named_by_its_path_in_the_body(shop: Served) -> None:
    body = b'{"name":"bear","parts":[{"kind":"eye","colour":"red"},{"kind":"wheel","spokes":"x"}]}'
    _, _, details = await refusal(shop, body)
    fields = {cast(dict[str, str], error)["field"] for error in cast(list[object], details["errors"])}
    assert "parts[1].spokes" in fields
    assert all(field.startswith("parts[1]") for field in fields)


async def test_all_wrong_fields_are_listed_and_counted(shop: Served) -> None:
    _, message, details = await refusal(shop, b'{"size":1,"weight":[],"x":1}')
    fields = [cast(dict[str, str], error)["field"] for error in cast(list[object], details["errors"])]
    assert sorted(fields) == ["name", "size", "weight", "x"]
    assert message.endswith("(and 3 more)")


async def test_text_that_may_be_a_secret_is_not_repeated(shop: Served) -> None:
    _, answer, _ = await shop.ask("POST", TOYS, data=b'{"name":"WHSEC-hunter2"}')
    assert b"hunter2" not in answer


@pytest.mark.parametrize(
    "body",
    [
        b"", b"{", b"nope", b'{"name":"bear"} x', b'{"name":NaN}', b'{"weight":Infinity,"name":"a"}',
        b'{"name":"bear","name":"bear"}', b'{"name":"\xff"}', b'{"name":"be\\u0000ar"}', b"[" * 500 + b"]" * 500,
        b'{"name":"bear","weight":1e999}',
    ],
)  # fmt: skip
async def test_a_body_that_is_no_json_of_ours_is_refused(shop: Served, body: bytes) -> None:
    code, message, _ = await refusal(shop, body)
    assert code == "invalid_argument"
    assert message.startswith("expected ")


@pytest.mark.parametrize("content_type", ["text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
async def test_another_content_type_is_refused_by_its_headers_name(shop: Served, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    status, answer, _ = await shop.ask("POST", TOYS, headers=headers, data=b'{"name":"bear"}')
    assert status == 400
    assert b"header.Content-Type" in answer


@pytest.mark.parametrize(
    "content_type", ["application/json; charset=utf-8", "Application/JSON", "application/merge-patch+json"]
)
async def test_every_spelling_of_json_is_accepted(shop: Served, content_type: str) -> None:
    headers = {"Content-Type": content_type}
    assert (await shop.ask("POST", TOYS, headers=headers, data=b'{"name":"bear"}'))[0] == 201


async def test_a_packed_body_is_refused(shop: Served) -> None:
    status, answer, _ = await shop.ask("POST", TOYS, headers={"Content-Encoding": "gzip"}, data=b"\x1f\x8b")
    assert status == 400
    assert b"Content-Encoding" in answer


async def test_a_body_past_the_limit_is_413_and_names_limit_and_largest_field(shop: Served) -> None:
    labels = b'{"a":"1","big":"%b"}' % (b"x" * 1_500)
    code, message, details = await refusal(shop, b'{"name":"bear","labels":%b}' % labels, 413)
    assert (code, details) == ("payload_too_large", {"field": "labels.big", "limit_bytes": 1_000})
    assert "at most 1000 bytes" in message


async def test_a_body_far_past_the_limit_is_413_without_being_read(shop: Served) -> None:
    code, _, details = await refusal(shop, b'{"name":"%b"}' % (b"x" * 500_000), 413)
    assert (code, details) == ("payload_too_large", {"limit_bytes": 1_000})


async def test_a_chunked_body_past_the_limit_is_413(shop: Served) -> None:
    async def chunks() -> AsyncIterator[bytes]:
        for _ in range(100):
            yield b"x" * 100

    headers = {"Authorization": "Bearer mbx_admin", "Content-Type": "application/json"}
    async with shop.client.post(TOYS, headers=headers, data=chunks()) as response:
        assert response.status == 413


@pytest.mark.parametrize(
    ("query", "field"),
    [
        ("?limit=0", "limit"), ("?limit=201", "limit"), ("?limit=many", "limit"), ("?limit=", "limit"),
        ("?limit=1&limit=2", "limit"), ("?limits=1", "limits"), ("?sold=perhaps", "sold"),
        ("?cursor=" + "x" * 1_025, "cursor"),
    ],
)  # fmt: skip
async def test_a_wrong_query_parameter_is_named(shop: Served, query: str, field: str) -> None:
    status, answer, _ = await shop.ask("GET", TOYS + query)
    error = cast(dict[str, dict[str, object]], parse_json(answer))["error"]
    assert (status, error["code"]) == (400, "invalid_argument")
    assert cast(dict[str, object], error["details"])["field"] == field


async def test_a_query_where_none_is_known_is_refused(shop: Served) -> None:
    assert (await shop.ask("GET", f"{TOYS}/bear?x=1"))[0] == 400
    assert (await shop.ask("GET", f"{TOYS}/bear?"))[0] == 200


async def test_a_good_query_is_read_from_text(shop: Served) -> None:
    _, answer, _ = await shop.ask("GET", TOYS + "?limit=7&colour=red&colour=blue&sold=true")
    assert parse_json(answer) == {"limit": 7, "colour": ["red", "blue"], "sold": True}
