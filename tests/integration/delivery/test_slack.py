"""The Slack integration against a local server that checks requests as Slack does, and against servers that do not."""

import asyncio
import logging
from collections.abc import AsyncIterator
from datetime import timedelta

import pytest
from aiohttp import web

from libs.contracts.codec import JsonObject
from services.dispatcher.delivery.integrations.port import InvocationContext
from services.dispatcher.delivery.integrations.registry import IntegrationRegistry
from services.dispatcher.delivery.integrations.slack import SlackIntegration
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from tests.doubles.slack import DEMO_TOKEN, LocalServer, SlackDouble, SlackFault
from tests.integration.delivery.conftest import Receiver
from tests.integration.delivery.wire_servers import read_request, serving

CONTEXT = InvocationContext("default", "run_1", "notify", "inv_1", 1)
MESSAGE: JsonObject = {"channel": "#ops", "text": "Summary complete for doc-7"}


async def _post(base_url: str, parameters: JsonObject = MESSAGE, **more: object) -> Verdict:
    token = more.get("token", DEMO_TOKEN)
    timeout = more.get("timeout")
    assert token is None or isinstance(token, str)
    assert timeout is None or isinstance(timeout, timedelta)
    async with IntegrationRegistry([SlackIntegration(token, base_url)]) as registry:
        bound = registry.find("slack.post-message")
        assert bound is not None
        context = InvocationContext("default", "run_1", "notify", "inv_1", 1, timeout)
        return await bound.invoke(parameters, context)


async def _failure(base_url: str, parameters: JsonObject = MESSAGE, **more: object) -> Failure:
    verdict = await _post(base_url, parameters, **more)
    assert isinstance(verdict, Failure)
    assert verdict.sentence.startswith("expected ")
    return verdict


@pytest.fixture
async def slack() -> SlackDouble:
    return SlackDouble()


@pytest.fixture
async def base_url(slack: SlackDouble) -> AsyncIterator[str]:
    async with LocalServer(slack.app()) as server:
        yield f"{server.url}/api"


async def test_a_message_is_posted_and_answered_with_its_channel_and_ts(slack: SlackDouble, base_url: str) -> None:
    verdict = await _post(base_url)
    assert verdict == Success({"ok": True, "channel": "C0000000OPS", "ts": slack.messages[0].ts})
    assert [message.text for message in slack.messages] == ["Summary complete for doc-7"]


async def test_result_and_parameters_pass_the_gates(base_url: str) -> None:
    async with IntegrationRegistry([SlackIntegration(DEMO_TOKEN, base_url)]) as registry:
        (bound,) = registry.all()
        assert bound.input_gate.violations(MESSAGE) == []
        verdict = await bound.invoke(MESSAGE, CONTEXT)
        assert isinstance(verdict, Success)
        assert bound.output_gate.violations(verdict.result) == []


@pytest.mark.parametrize(
    ("parameters", "pointer"),
    [
        ({"text": "x"}, ""),
        ({"channel": "#ops"}, ""),
        ({**MESSAGE, "as_user": True}, "/as_user"),
        ({**MESSAGE, "text": ""}, "/text"),
    ],
)
def test_parameters_outside_the_input_schema_are_named(parameters: JsonObject, pointer: str) -> None:
    bound = IntegrationRegistry([SlackIntegration(None)]).find("slack.post-message")
    assert bound is not None
    assert bound.input_gate.violations(parameters)[0].pointer == pointer


@pytest.mark.parametrize(
    ("error", "error_type", "retryable", "certain"),
    [
        ("channel_not_found", "activity_failed", False, True),
        ("not_in_channel", "activity_failed", False, True),
        ("invalid_auth", "fatal_error", False, True),
        ("missing_scope", "fatal_error", False, True),
        ("service_unavailable", "activity_failed", True, True),
        ("internal_error", "outcome_unknown", False, False),
        ("a_word_of_tomorrow", "activity_failed", False, True),
    ],
)
async def test_an_error_word_is_ruled_by_the_table(
    slack: SlackDouble, base_url: str, error: str, error_type: str, retryable: bool, certain: bool
) -> None:
    slack.faults.append(SlackFault(error))
    failure = await _failure(base_url)
    assert (failure.error_type, failure.retryable, failure.certain) == (error_type, retryable, certain)
    assert failure.details["slack_error"] == error
    assert error in failure.sentence


async def test_a_channel_that_is_not_there_is_refused_by_slack_itself(base_url: str) -> None:
    failure = await _failure(base_url, {"channel": "#nowhere", "text": "x"})
    assert failure.details["slack_error"] == "channel_not_found"


async def test_a_wrong_token_is_a_matter_for_the_operator_and_is_not_told(base_url: str) -> None:
    failure = await _failure(base_url, token="xoxb-wrong")
    assert (failure.error_type, failure.details["slack_error"]) == ("fatal_error", "invalid_auth")
    assert "xoxb" not in repr(failure)


async def test_too_many_messages_are_retried_after_the_pause_that_slack_names(
    slack: SlackDouble, base_url: str
) -> None:
    slack.faults.append(SlackFault("ratelimited", retry_after_seconds=30))
    failure = await _failure(base_url)
    assert (failure.retryable, failure.certain, failure.retry_after) == (True, True, timedelta(seconds=30))
    assert slack.messages == []


async def test_nothing_is_retried_inside(slack: SlackDouble, base_url: str) -> None:
    slack.faults.extend(
        [SlackFault("ratelimited", retry_after_seconds=0), SlackFault("ratelimited", retry_after_seconds=0)]
    )
    await _failure(base_url)
    assert len(slack.faults) == 1


async def test_without_a_token_the_action_is_listed_and_not_available(base_url: str) -> None:
    assert not SlackIntegration(None).available
    assert not SlackIntegration("").available
    assert (await _failure(base_url, token=None)).error_type == "fatal_error"


async def test_nobody_listening_is_a_failure_that_may_be_retried(unused_port: int) -> None:
    failure = await _failure(f"http://127.0.0.1:{unused_port}/api/")
    assert (failure.error_type, failure.retryable, failure.certain) == ("activity_failed", True, True)


async def test_silence_after_the_message_leaves_the_outcome_unknown() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()

    async with serving(silent) as port:
        failure = await _failure(f"http://127.0.0.1:{port}/api/", timeout=timedelta(seconds=0.2))
    assert (failure.error_type, failure.retryable, failure.certain) == ("outcome_unknown", False, False)


async def test_a_connection_that_breaks_is_not_tried_again() -> None:
    requests: list[bytes] = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))

    async with serving(hang_up) as port:
        failure = await _failure(f"http://127.0.0.1:{port}/api/")
    assert (failure.error_type, len(requests)) == ("outcome_unknown", 1)


async def test_a_redirect_is_refused_so_that_the_token_stays(receiver: Receiver) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{receiver.port}/stolen"})

    receiver.answer = elsewhere
    failure = await _failure(receiver.url)
    assert not failure.retryable
    assert [received.path for received in receiver.received] == ["/hook/chat.postMessage"]


@pytest.mark.parametrize(
    ("status", "body", "content_type", "error_type"),
    [
        (200, b"<html>", "text/html", "outcome_unknown"),
        (200, b"hello", "text/plain", "outcome_unknown"),
        (200, b"[1]", "application/json", "outcome_unknown"),
        (200, b"{", "application/json", "outcome_unknown"),
        (200, b"{}", "application/json", "outcome_unknown"),
        (200, b'{"ok":false,"error":"a"}' + b" " * 2_000_000, "application/json", "outcome_unknown"),
        (404, b"<html>", "text/html", "activity_failed"),
        (500, b"oops", "text/plain", "activity_failed"),
        (502, b"<html>", "text/html", "outcome_unknown"),
        (503, b"{", "application/json", "activity_failed"),
    ],
)
async def test_an_answer_that_is_not_slacks_is_judged_by_its_status(
    receiver: Receiver, status: int, body: bytes, content_type: str, error_type: str
) -> None:
    async def other(request: web.Request) -> web.StreamResponse:
        return web.Response(status=status, body=body, content_type=content_type)

    receiver.answer = other
    assert (await _failure(receiver.url)).error_type == error_type


async def test_a_proxy_in_the_environment_is_ignored(
    slack: SlackDouble, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert isinstance(await _post(base_url), Success)


async def test_neither_message_nor_token_is_logged(base_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await _post(base_url)
    assert "Summary complete" not in caplog.text
    assert DEMO_TOKEN not in caplog.text


def test_a_name_outside_the_integration_is_refused() -> None:
    class Impostor(SlackIntegration):
        slug = "github"

    with pytest.raises(ValueError, match=r"begins with github\."):
        IntegrationRegistry([Impostor(None)])


def test_two_integrations_with_one_name_are_refused() -> None:
    with pytest.raises(ValueError, match="expected a new name"):
        IntegrationRegistry([SlackIntegration(None), SlackIntegration(None)])


async def test_the_message_goes_out_as_json_under_the_bearer_token(receiver: Receiver) -> None:
    await _post(receiver.url, {**MESSAGE, "blocks": [{"type": "divider"}]})
    (received,) = receiver.received
    assert received.headers["authorization"] == f"Bearer {DEMO_TOKEN}"
    assert received.headers["content-type"].startswith("application/json")
