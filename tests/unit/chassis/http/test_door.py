"""What passes the door, what is turned away, and with which words."""

import asyncio
from collections.abc import AsyncIterator, Mapping
from typing import cast

import pytest

from libs.chassis.db.errors import OutcomeUnknown, Overloaded, Unavailable
from libs.chassis.http import Answer, AnyRoute, Call, Role, Route
from libs.chassis.http.route import Method
from libs.contracts.codec import parse_json
from tests.doubles.door import ADMIN, ROOT, VIEWER, Served, serving
from tests.unit.chassis.http.toyshop import routes

TOYS = "/v1/projects/acme/toys"


@pytest.fixture
async def shop() -> AsyncIterator[Served]:
    async with serving(routes()) as served:
        yield served


def error_of(body: bytes) -> Mapping[str, object]:
    document = cast(dict[str, dict[str, object]], parse_json(body))
    assert set(document) == {"error"}
    assert set(document["error"]) <= {"code", "message", "details"}
    return document["error"]


async def test_a_good_request_reaches_its_handler(shop: Served) -> None:
    status, body, headers = await shop.ask("POST", TOYS, data=b'{"name":"bear"}')
    assert (status, headers["Content-Type"]) == (201, "application/json")
    assert parse_json(body) == {"name": "bear", "project": "acme", "by": "key_admin", "raw": 15}


async def test_every_answer_has_a_request_id_and_is_not_to_be_sniffed_or_stored(shop: Served) -> None:
    for path in (TOYS, "/nowhere"):
        _, _, headers = await shop.ask("GET", path)
        assert headers["X-Request-Id"].startswith("req_")
        assert (headers["X-Content-Type-Options"], headers["Cache-Control"]) == ("nosniff", "no-store")
        assert headers["Server"] == "mobius"


async def test_a_request_id_that_came_in_goes_out_but_a_strange_one_does_not(shop: Served) -> None:
    assert (await shop.ask("GET", TOYS, headers={"X-Request-Id": "abc-1"}))[2]["X-Request-Id"] == "abc-1"
    assert (await shop.ask("GET", TOYS, headers={"X-Request-Id": "a b"}))[2]["X-Request-Id"].startswith("req_")


@pytest.mark.parametrize(
    "authorization",
    [
        "", "Bearer", "Bearer ", "Basic bWJ4OmFkbWlu", "Bearer mbx_unknown", "Bearer nope", "Bearer other/mbx_admin",
        "Bearer /mbx_admin", "Bearer acme/other/mbx_admin", "Bearer mbx_admin extra", "mbx_admin",
    ],
)  # fmt: skip
@pytest.mark.parametrize("path", [TOYS, "/nowhere", "/v1/projects/nobody/toys"])
async def test_without_a_valid_key_nothing_answers_but_401(shop: Served, authorization: str, path: str) -> None:
    status, body, headers = await shop.ask("GET", path, key=None, headers={"Authorization": authorization})
    assert (status, error_of(body)["code"], headers["WWW-Authenticate"]) == (401, "unauthorized", "Bearer")


@pytest.mark.parametrize("key", [ADMIN, f"acme/{ADMIN}", f"acme/{ROOT}", ROOT])
async def test_a_key_is_accepted_plain_and_behind_its_projects_handle(shop: Served, key: str) -> None:
    assert (await shop.ask("GET", TOYS, key=key))[0] == 200


async def test_a_handle_before_a_key_of_the_installation_binds_it(shop: Served) -> None:
    assert (await shop.ask("GET", "/v1/projects/other/toys", key=ROOT))[0] == 200
    assert (await shop.ask("GET", "/v1/projects/other/toys", key=f"acme/{ROOT}"))[0] == 404


async def test_a_revoked_key_is_refused_at_once_and_a_known_one_is_looked_up_once(shop: Served) -> None:
    for _ in range(3):
        assert (await shop.ask("GET", TOYS))[0] == 200
    assert shop.keys.lookups == 1
    shop.keys.revoke(ADMIN)
    assert (await shop.ask("GET", TOYS))[0] == 401


async def test_too_small_a_role_is_forbidden(shop: Served) -> None:
    status, body, _ = await shop.ask("POST", TOYS, key=VIEWER, data=b'{"name":"bear"}')
    assert (status, error_of(body)["code"]) == (403, "forbidden")
    assert error_of(body)["message"] == "expected a key with the role author, but it has viewer"


async def test_unknown_ids_foreign_projects_and_unknown_projects_answer_the_same_bytes(shop: Served) -> None:
    answers = [
        await shop.ask(method, path, key=key)
        for method, path, key in (
            ("GET", f"{TOYS}/unknown", ADMIN),
            ("GET", "/v1/projects/other/toys/bear", ADMIN),
            ("GET", "/v1/projects/nobody/toys/bear", ADMIN),
            ("GET", "/v1/projects/nobody/toys/bear", ROOT),
            ("POST", "/v1/projects/other/toys", VIEWER),
        )
    ]
    assert {status for status, _, _ in answers} == {404}
    assert len({body for _, body, _ in answers}) == 1
    assert error_of(answers[0][1])["code"] == "not_found"


async def test_an_unknown_path_is_404_and_an_unknown_method_405_with_allow(shop: Served) -> None:
    assert (await shop.ask("GET", "/v1/toys"))[0] == 404
    assert (await shop.ask("GET", f"{TOYS}/"))[0] == 404
    status, body, headers = await shop.ask("PUT", f"{TOYS}/bear")
    assert (status, error_of(body)["code"], headers["Allow"]) == (405, "method_not_allowed", "GET, DELETE")


async def test_head_answers_as_get_does_without_a_body(shop: Served) -> None:
    _, body, headers = await shop.ask("GET", f"{TOYS}/bear")
    status, nothing, head = await shop.ask("HEAD", f"{TOYS}/bear")
    assert (status, nothing, head["Content-Length"]) == (200, b"", str(len(body)))
    assert headers["Content-Type"] == head["Content-Type"]
    assert (await shop.ask("HEAD", f"{TOYS}/parade"))[:2] == (200, b"")


async def test_an_empty_answer_has_no_length(shop: Served) -> None:
    status, body, headers = await shop.ask("DELETE", f"{TOYS}/bear")
    assert (status, body) == (204, b"")
    assert "Content-Length" not in headers


async def test_a_literal_segment_wins_over_a_named_one(shop: Served) -> None:
    assert b"trace" in (await shop.ask("GET", f"{TOYS}/best"))[1]
    assert (await shop.ask("DELETE", f"{TOYS}/best"))[0] == 204


async def test_a_trace_that_came_in_is_handed_on_and_a_broken_one_begun_anew(shop: Served) -> None:
    parent = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-00"
    kept = parse_json((await shop.ask("GET", f"{TOYS}/best", headers={"traceparent": parent}))[1])
    begun = parse_json((await shop.ask("GET", f"{TOYS}/best", headers={"traceparent": "00-zz"}))[1])
    assert isinstance(kept, dict)
    assert isinstance(begun, dict)
    assert kept["trace"] == parent
    assert str(begun["trace"]).startswith("00-")
    assert len(str(begun["trace"])) == len(parent)


async def test_a_bug_answers_500_without_its_words_and_a_lost_dependency_503(
    shop: Served, caplog: pytest.LogCaptureFixture
) -> None:
    status, body, headers = await shop.ask("POST", f"{TOYS}/bear/break")
    assert (status, error_of(body)["code"]) == (500, "internal")
    assert b"a bug" not in body
    assert error_of(body)["details"] == {"request_id": headers["X-Request-Id"]}
    status, body, headers = await shop.ask("POST", f"{TOYS}/away/break")
    assert (status, error_of(body)["code"], headers["Retry-After"]) == (503, "unavailable", "1")


@pytest.mark.parametrize(
    ("error", "reason", "said"),
    [
        (Overloaded("expected fewer"), "overloaded", b"expected fewer"),
        (OutcomeUnknown("cut"), "outcome_unknown", b'"outcome":"unknown"'),
        (Unavailable("secret name"), "unavailable", b"expected to reach what this needs"),
    ],
)
async def test_a_refusal_says_why_and_is_counted_by_its_reason(error: Exception, reason: str, said: bytes) -> None:
    async def refuse(_call: Call[None, None]) -> Answer:
        raise error

    route = Route(method="GET", path="/refused", operation_id="refuse", summary="", handler=refuse, role=Role.VIEWER)
    async with serving([route]) as shop:
        status, answer, headers = await shop.ask("GET", "/refused")
        assert (status, headers["Retry-After"]) == (503, "1")
        assert said in answer
        assert b"secret" not in answer
        counted = {"operation": "refuse", "reason": reason}
        assert shop.registry.get_sample_value("mobius_http_refused_total", counted) == 1


async def test_answers_are_counted_by_operation_and_status(shop: Served) -> None:
    await shop.ask("GET", f"{TOYS}/bear")
    await shop.ask("GET", f"{TOYS}/unknown")
    await shop.ask("GET", "/nowhere")
    count = shop.registry.get_sample_value
    assert count("mobius_http_answers_total", {"operation": "getToy", "status": "200"}) == 1
    assert count("mobius_http_answers_total", {"operation": "getToy", "status": "404"}) == 1
    assert count("mobius_http_answers_total", {"operation": "unknown", "status": "404"}) == 1
    assert count("mobius_http_request_seconds_count", {"operation": "getToy"}) == 2


async def test_until_it_has_started_a_service_answers_503(shop: Served) -> None:
    shop.door.open = False
    status, body, _ = await shop.ask("GET", TOYS)
    assert (status, error_of(body)["code"]) == (503, "unavailable")


@pytest.mark.parametrize("path", [TOYS, "/nowhere"])
async def test_as_long_as_it_starts_a_service_does_not_say_that_a_key_is_unknown(shop: Served, path: str) -> None:
    shop.door.open = False
    status, body, headers = await shop.ask("GET", path, key="mbx_not-heard-of-yet")
    assert (status, error_of(body)["code"], "Retry-After" in headers) == (503, "unavailable", True)


async def test_where_nobody_can_tell_whose_key_it_is_an_unknown_path_answers_503(
    shop: Served, monkeypatch: pytest.MonkeyPatch
) -> None:
    async def away(_token: str) -> object:
        raise Unavailable("the topics are away")

    monkeypatch.setattr(shop.keys, "principal", away)
    status, body, headers = await shop.ask("GET", "/nowhere")
    assert (status, error_of(body)["code"], headers["Retry-After"]) == (503, "unavailable", "1")


async def test_requests_at_work_are_counted(shop: Served) -> None:
    begun, end = asyncio.Event(), asyncio.Event()

    async def slow_body() -> AsyncIterator[bytes]:
        yield b'{"name":'
        begun.set()
        await end.wait()
        yield b'"bear"}'

    def at_work() -> float | None:
        return shop.registry.get_sample_value("mobius_http_requests_at_work")

    headers = {"Authorization": f"Bearer {ADMIN}", "Content-Type": "application/json"}
    asked = asyncio.create_task(shop.client.post(TOYS, data=slow_body(), headers=headers))
    async with asyncio.timeout(5):
        await begun.wait()
        while at_work() != 1:
            await asyncio.sleep(0.01)
        end.set()
        (await asked).release()
    assert at_work() == 0


async def test_an_archived_project_is_read_and_takes_no_changes(shop: Served) -> None:
    shop.projects.archived.add("acme")
    assert (await shop.ask("GET", TOYS))[0] == 200
    status, body, _ = await shop.ask("POST", TOYS, data=b'{"name":"bear"}')
    assert (status, error_of(body)["code"]) == (409, "shut")
    assert (await shop.ask("POST", TOYS, key=VIEWER, data=b'{"name":"bear"}'))[0] == 403
    assert (await shop.ask("POST", "/v1/projects/other/toys", key=ROOT, data=b'{"name":"bear"}'))[0] == 201


async def test_a_call_that_is_let_in_is_a_use_of_its_key_and_a_refused_one_is_none(shop: Served) -> None:
    await shop.ask("GET", TOYS)
    await shop.ask("GET", TOYS)
    await shop.ask("GET", "/v1/projects/other/toys")
    await shop.ask("POST", TOYS, key=VIEWER, data=b'{"name":"bear"}')
    assert shop.keys.uses == ["key_admin", "key_admin"]


@pytest.mark.parametrize(
    ("method", "path", "role", "in_archive", "edits"),
    [
        ("POST", TOYS.replace("acme", "{project}"), Role.AUTHOR, False, True),
        ("DELETE", TOYS.replace("acme", "{project}"), Role.ADMIN, False, True),
        ("POST", TOYS.replace("acme", "{project}"), Role.AUTHOR, True, False),
        ("GET", TOYS.replace("acme", "{project}"), Role.AUTHOR, False, False),
        ("POST", TOYS.replace("acme", "{project}"), Role.WORKER, False, False),
        ("POST", "/v1/toys", Role.ADMIN, False, False),
        ("POST", TOYS.replace("acme", "{project}"), None, False, False),
    ],
)
def test_what_an_author_changes_in_a_project_is_an_edit(
    method: Method, path: str, role: Role | None, *, in_archive: bool, edits: bool
) -> None:
    async def handler(_call: Call[None, None]) -> Answer:
        raise NotImplementedError

    route: AnyRoute = Route(
        method=method, path=path, operation_id="", summary="", handler=handler, role=role, in_archive=in_archive
    )
    assert route.edits is edits
