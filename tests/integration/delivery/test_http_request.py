"""`http.request` against real servers on loopback: what is sent, what comes back, and where nothing goes."""

import asyncio
import base64
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from datetime import timedelta
from urllib.parse import quote, quote_plus

import pytest
from aiohttp import web

from libs.contracts.codec import Json, JsonObject
from libs.contracts.schema_gate import compile_schema
from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.integrations.http import HttpIntegration
from services.dispatcher.delivery.integrations.http_actions import CONNECTING
from services.dispatcher.delivery.integrations.port import InvocationContext, Room
from services.dispatcher.delivery.integrations.registry import BoundAction, IntegrationRegistry
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from tests.integration.delivery.conftest import LOOPBACK, Receiver
from tests.integration.delivery.wire_servers import read_request, serving

BEARER = "a-token-of-the-other-side"


@asynccontextmanager
async def bound(policy: TargetPolicy = LOOPBACK, limits: DeliveryLimits | None = None) -> AsyncIterator[BoundAction]:
    room = Room(policy, limits or DeliveryLimits())
    async with IntegrationRegistry([HttpIntegration(room)]) as registry:
        action = registry.find("http.request")
        assert action is not None
        yield action


async def ask(
    parameters: JsonObject, credentials: JsonObject | None = None, limits: DeliveryLimits | None = None
) -> Verdict:
    async with bound(limits=limits) as action:
        assert action.input_gate.violations(parameters) == []
        context = InvocationContext("default", "run_1", "ask", "inv_1", 1, credentials=credentials or {})
        verdict = await action.invoke(parameters, context)
        assert not isinstance(verdict, Success) or action.output_gate.violations(verdict.result) == []
        return verdict


async def result(parameters: JsonObject, credentials: JsonObject | None = None) -> JsonObject:
    verdict = await ask(parameters, credentials)
    assert isinstance(verdict, Success)
    assert isinstance(verdict.result, dict)
    return verdict.result


def answers(receiver: Receiver, body: bytes, content_type: str, status: int = 200, **headers: str) -> None:
    async def answer(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, content_type=content_type, headers=headers)

    receiver.answer = answer


@pytest.mark.parametrize(
    ("body", "content_type", "shown"),
    [
        (b'{"a": [1, null]}', "application/json", {"body": {"a": [1, None]}}),
        (b'{"a": 1}', "application/problem+json", {"body": {"a": 1}}),
        (b'{"a"', "application/json", {"body": '{"a"'}),
        ("grüße".encode(), "text/plain", {"body": "grüße"}),
        (b"\xff\x00", "image/png", {"body_base64": "/wA="}),
        (b"", "text/plain", {}),
    ],
)
async def test_a_body_comes_back_as_what_it_is(
    receiver: Receiver, body: bytes, content_type: str, shown: JsonObject
) -> None:
    answers(receiver, body, content_type, Etag='"7"')
    answer = await result({"url": receiver.url})
    headers = answer.pop("headers")
    assert isinstance(headers, dict)
    assert headers["etag"] == '"7"'
    assert answer == {"status": 200, **shown}
    assert receiver.received[0].path == "/hook"


@pytest.mark.parametrize(
    ("body", "sent", "content_type"),
    [
        ({"a": 1}, b'{"a":1}', "application/json"),
        ([1], b"[1]", "application/json"),
        ("a=1&b=2", b"a=1&b=2", "application/x-www-form-urlencoded"),
    ],
)
async def test_a_body_goes_as_text_or_as_json(receiver: Receiver, body: Json, sent: bytes, content_type: str) -> None:
    headers: JsonObject = {"X-One": "1"}
    if isinstance(body, str):
        headers["content-type"] = content_type
    await result({"url": f"{receiver.url}?q=1", "method": "POST", "headers": headers, "body": body})
    (received,) = receiver.received
    assert (received.path, received.body) == ("/hook?q=1", sent)
    assert received.headers["content-type"] == content_type
    assert received.headers["x-one"] == "1"
    assert received.headers["user-agent"].startswith("Mobius")


@pytest.mark.parametrize(
    ("method", "status", "error_type", "retryable"),
    [
        ("GET", 500, "activity_failed", True),
        ("PUT", 500, "activity_failed", True),
        ("POST", 500, "activity_failed", False),
        ("POST", 503, "activity_failed", True),
        ("DELETE", 503, "activity_failed", False),
        ("POST", 404, "activity_failed", False),
        ("POST", 307, "activity_failed", False),
        ("POST", 502, "outcome_unknown", False),
        ("GET", 502, "activity_failed", True),
    ],
)
async def test_an_answer_that_is_no_success_is_ruled_by_the_table_and_the_method(
    receiver: Receiver, method: str, status: int, error_type: str, retryable: bool
) -> None:
    answers(receiver, b"", "text/plain", status, **{"Retry-After": "3", "Location": "/elsewhere"})
    verdict = await ask({"url": receiver.url, "method": method})
    assert isinstance(verdict, Failure)
    assert (verdict.error_type, verdict.retryable) == (error_type, retryable)
    assert verdict.retry_after == timedelta(seconds=3)
    assert len(receiver.received) == 1


async def test_a_status_that_is_expected_is_a_result(receiver: Receiver) -> None:
    answers(receiver, b'{"gone": true}', "application/json", 404)
    answer = await result({"url": receiver.url, "expected_statuses": [404]})
    assert (answer["status"], answer["body"]) == (404, {"gone": True})


@pytest.mark.parametrize("url", ["http://127.0.0.1:9/", "http://localhost:9/", "http://[::1]:9/", "http://2130706433/"])
async def test_nothing_internal_is_asked(url: str) -> None:
    async with bound(TargetPolicy()) as action:
        verdict = await action.invoke({"url": url}, InvocationContext("p", "r", "s", "i", 1))
    assert isinstance(verdict, Failure)
    assert (verdict.error_type, verdict.details["cause"], verdict.certain) == ("fatal_error", "target_denied", True)


@pytest.mark.parametrize("url", ["", "ftp://x.test/", "http://user:pw@x.test/", "x", "http://", "http://x.test/#a"])
async def test_a_url_that_is_none_is_a_failure_that_says_so(url: str) -> None:
    async with bound() as action:
        verdict = await action.invoke({"url": url}, InvocationContext("p", "r", "s", "i", 1))
    assert isinstance(verdict, Failure)
    assert (verdict.retryable, verdict.certain) == (False, True)
    assert verdict.sentence.startswith("expected ")


@pytest.mark.parametrize(
    "name", ["Host", "content-length", "Transfer-Encoding", "Proxy-Authorization", "a b", "x\r\ny"]
)
async def test_a_header_that_frames_the_request_is_refused(receiver: Receiver, name: str) -> None:
    verdict = await ask({"url": receiver.url, "headers": {name: "1"}})
    assert isinstance(verdict, Failure)
    assert (verdict.error_type, verdict.certain) == ("contract_violation", True)
    assert receiver.received == []


async def test_a_trace_goes_along_unless_the_step_has_its_own(receiver: Receiver) -> None:
    async with bound() as action:
        for headers in ({}, {"Traceparent": "its-own"}):
            context = InvocationContext("p", "r", "s", "i", 1, headers={"traceparent": "ours"})
            await action.invoke({"url": receiver.url, "headers": {**headers}}, context)
    assert [one.headers["traceparent"] for one in receiver.received] == ["ours", "its-own"]


async def test_a_header_value_cannot_begin_another_header(receiver: Receiver) -> None:
    verdict = await ask({"url": receiver.url, "headers": {"X-One": "1\r\nX-Two: 2"}})
    assert isinstance(verdict, Failure)
    assert (verdict.error_type, verdict.certain) == ("contract_violation", True)
    assert receiver.received == []


def origin_of(receiver: Receiver) -> str:
    return f"http://127.0.0.1:{receiver.port}"


async def test_credentials_go_along_to_their_origin(receiver: Receiver) -> None:
    await result({"url": receiver.url}, {"origin": origin_of(receiver), "bearer_token": BEARER})
    basic: JsonObject = {"origin": origin_of(receiver), "username": "ada", "password": "correct horse"}
    await result({"url": receiver.url}, basic)
    sent = [received.headers["authorization"] for received in receiver.received]
    assert sent == [f"Bearer {BEARER}", f"Basic {base64.b64encode(b'ada:correct horse').decode()}"]


@pytest.mark.parametrize("origin", ["http://127.0.0.1", "https://127.0.0.1:{port}", "http://localhost:{port}"])
async def test_credentials_go_nowhere_else(receiver: Receiver, origin: str) -> None:
    credentials: JsonObject = {"origin": origin.format(port=receiver.port), "bearer_token": BEARER}
    await result({"url": receiver.url}, credentials)
    assert "authorization" not in receiver.received[0].headers


async def test_a_step_that_brings_its_own_authorization_keeps_it(receiver: Receiver) -> None:
    credentials: JsonObject = {"origin": origin_of(receiver), "bearer_token": BEARER}
    await result({"url": receiver.url, "headers": {"authorization": "Bearer its-own"}}, credentials)
    assert receiver.received[0].headers["authorization"] == "Bearer its-own"


async def test_credentials_that_are_echoed_do_not_come_back(receiver: Receiver) -> None:
    async def echo(request: web.Request) -> web.StreamResponse:
        sent = request.headers["Authorization"]
        return web.json_response({"you sent": sent}, headers={"X-Echo": sent})

    receiver.answer = echo
    for credentials in ({"bearer_token": BEARER}, {"username": "ada", "password": "correct horse"}):
        answer = await result({"url": receiver.url}, {"origin": origin_of(receiver), **credentials})
        assert "[redacted]" in str(answer["body"])
        assert BEARER not in str(answer)
        assert base64.b64encode(b"ada:correct horse").decode() not in str(answer)


PAIR = 'reader:a-secret/with "letters"'
BASIC = base64.b64encode(PAIR.encode()).decode()


@pytest.mark.parametrize(
    ("echo", "content_type"),
    [
        (BASIC, "text/plain"),
        (BASIC.rstrip("="), "text/plain"),
        (f"\xff{BASIC}", "image/png"),
        (f"\xff{PAIR}", "image/png"),
        (PAIR.replace('"', '\\"'), "text/plain"),
        (PAIR.replace("/", "\\/").replace('"', '\\"'), "text/plain"),
        ("q=" + quote(PAIR), "text/plain"),
        ("q=" + quote_plus(PAIR), "text/plain"),
    ],
)
@pytest.mark.parametrize("status", [200, 400])
async def test_a_pair_does_not_come_back_in_any_spelling(
    receiver: Receiver, echo: str, content_type: str, status: int
) -> None:
    user, password = PAIR.split(":")
    answers(receiver, echo.encode("latin-1"), content_type, status)
    credentials: JsonObject = {"origin": origin_of(receiver), "username": user, "password": password}
    verdict = await ask({"url": receiver.url}, credentials)
    told = repr(verdict)
    if isinstance(verdict, Success) and isinstance(verdict.result, dict) and "body_base64" in verdict.result:
        told += repr(base64.b64decode(str(verdict.result["body_base64"])))

    assert "[redacted]" in told
    assert [part for part in (BASIC.rstrip("="), "a-secret", "letters") if part in told] == []


async def test_no_part_of_a_token_stays_where_an_answer_is_cut(receiver: Receiver) -> None:
    answers(receiver, b"-" * 490 + BEARER.encode(), "text/plain", 500)
    told = await ask({"url": receiver.url}, {"origin": origin_of(receiver), "bearer_token": BEARER})

    assert isinstance(told, Failure)
    assert BEARER[:5] not in str(told.details["response_excerpt"])


async def test_a_trial_passes_unless_the_credentials_are_refused(receiver: Receiver) -> None:
    http = HttpIntegration(Room(LOOPBACK))
    credentials: JsonObject = {"origin": origin_of(receiver), "bearer_token": BEARER}
    async with IntegrationRegistry([http]) as registry:
        answers(receiver, b"", "text/plain", 404)
        assert await registry.test(http, credentials) == Success({"status": 404})
        answers(receiver, BEARER.encode(), "text/plain", 401)
        refused = await registry.test(http, credentials)
    assert isinstance(refused, Failure)
    assert BEARER not in repr(refused)


async def test_an_answer_over_the_limit_and_silence_are_failures(receiver: Receiver) -> None:
    answers(receiver, b"x" * 2_000, "text/plain")
    large = await ask({"url": receiver.url}, limits=DeliveryLimits(response_bytes=1_000))
    assert isinstance(large, Failure)
    assert large.error_type == "contract_violation"

    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()

    async with serving(silent) as port:
        url = f"http://127.0.0.1:{port}/"
        late = await ask({"url": url, "method": "POST"}, limits=DeliveryLimits(total_timeout=timedelta(seconds=0.2)))
    assert isinstance(late, Failure)
    assert (late.error_type, late.retryable) == ("outcome_unknown", False)


@pytest.mark.parametrize(
    ("credentials", "fits"),
    [
        ({"origin": "https://x.test", "bearer_token": BEARER}, True),
        ({"origin": "https://x.test:8443", "username": "a", "password": "12345678"}, True),
        ({"origin": "https://x.test/", "bearer_token": BEARER}, False),
        ({"origin": "https://x.test/path", "bearer_token": BEARER}, False),
        ({"origin": "https://x.test", "bearer_token": "a-token\r\nX: y"}, False),
        ({"origin": "https://x.test", "username": "a:b", "password": "12345678"}, False),
        ({"origin": "https://x.test"}, False),
        ({"origin": "https://x.test", "bearer_token": "1234567"}, False),
        ({"origin": "https://x.test", "username": "a", "password": "1234567"}, False),
        ({"bearer_token": BEARER}, False),
        ({"origin": "https://x.test", "bearer_token": BEARER, "password": "12345678"}, False),
    ],
)
def test_a_connection_is_an_origin_with_one_kind_of_credentials(credentials: JsonObject, fits: bool) -> None:
    assert (compile_schema(CONNECTING.schema).violations(credentials) == []) == fits
