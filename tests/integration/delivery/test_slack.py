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
from tests.doubles.slack import DEMO_TOKEN, USER, LocalServer, SlackFault, SlackWorkspace
from tests.integration.delivery.conftest import Receiver
from tests.integration.delivery.wire_servers import read_request, serving

MESSAGE: JsonObject = {"channel": "#ops", "text": "Summary complete for doc-7"}
CREDENTIALS: JsonObject = {"bot_token": DEMO_TOKEN}


def _context(token: str = DEMO_TOKEN, timeout: timedelta | None = None) -> InvocationContext:
    return InvocationContext("default", "run_1", "notify", "inv_1", 1, timeout, credentials={"bot_token": token})


async def _do(base_url: str, action: str, parameters: JsonObject) -> Verdict:
    """One attempt at an action, which has to pass its gates."""
    async with IntegrationRegistry([SlackIntegration(None, base_url)]) as registry:
        bound = registry.find(action)
        assert bound is not None
        assert bound.input_gate.violations(parameters) == []
        verdict = await bound.invoke(parameters, _context())
        assert not isinstance(verdict, Success) or bound.output_gate.violations(verdict.result) == []
        return verdict


async def _post(base_url: str, parameters: JsonObject = MESSAGE, **more: object) -> Verdict:
    token, timeout = more.get("token", DEMO_TOKEN), more.get("timeout")
    assert isinstance(token, str)
    assert timeout is None or isinstance(timeout, timedelta)
    async with IntegrationRegistry([SlackIntegration(None, base_url)]) as registry:
        bound = registry.find("slack.post-message")
        assert bound is not None
        return await bound.invoke(parameters, _context(token, timeout))


async def _failure(base_url: str, parameters: JsonObject = MESSAGE, **more: object) -> Failure:
    verdict = await _post(base_url, parameters, **more)
    assert isinstance(verdict, Failure)
    assert verdict.sentence.startswith("expected ")
    return verdict


@pytest.fixture
async def slack() -> SlackWorkspace:
    return SlackWorkspace()


@pytest.fixture
async def base_url(slack: SlackWorkspace) -> AsyncIterator[str]:
    async with LocalServer(slack.app()) as server:
        yield f"{server.url}/api"


async def test_a_message_is_posted_and_answered_with_its_channel_and_ts(slack: SlackWorkspace, base_url: str) -> None:
    verdict = await _post(base_url)
    assert verdict == Success({"ok": True, "channel": "C0000000OPS", "ts": slack.messages[0].ts})
    assert [message.text for message in slack.messages] == ["Summary complete for doc-7"]


async def test_a_message_is_updated_and_deleted_by_what_its_post_answered(slack: SlackWorkspace, base_url: str) -> None:
    posted = await _do(base_url, "slack.post-message", MESSAGE)
    assert isinstance(posted, Success)
    assert isinstance(posted.result, dict)
    place = {name: posted.result[name] for name in ("channel", "ts")}
    ts = str(place["ts"])

    assert await _do(base_url, "slack.update-message", {**place, "text": "better"}) == posted
    assert slack.texts == {ts: "better"}
    assert await _do(base_url, "slack.delete-message", place) == posted
    assert slack.texts == {}


async def test_a_reaction_that_is_there_already_is_as_good_as_a_new_one(slack: SlackWorkspace, base_url: str) -> None:
    posted = await _do(base_url, "slack.post-message", MESSAGE)
    assert isinstance(posted, Success)
    assert isinstance(posted.result, dict)
    reaction = {"channel": posted.result["channel"], "timestamp": posted.result["ts"], "name": "eyes"}

    assert [await _do(base_url, "slack.add-reaction", reaction) for _ in range(2)] == [Success({"ok": True})] * 2
    assert slack.reactions == {posted.result["ts"]: {"eyes"}}


@pytest.mark.parametrize("parameters", [{"email": "ada@x.test"}, {"user": "U0000000ADA"}])
async def test_a_person_is_found_by_address_and_by_id(base_url: str, parameters: JsonObject) -> None:
    assert await _do(base_url, "slack.look-up-user", parameters) == Success({"ok": True, "user": USER})


async def test_a_person_that_is_not_there_is_a_failure_for_good(base_url: str) -> None:
    verdict = await _do(base_url, "slack.look-up-user", {"email": "nobody@x.test"})
    assert isinstance(verdict, Failure)
    assert (verdict.error_type, verdict.details["slack_error"]) == ("activity_failed", "users_not_found")
    assert not verdict.retryable


async def test_a_message_that_is_not_there_is_not_deleted(base_url: str) -> None:
    verdict = await _do(base_url, "slack.delete-message", {"channel": "C0000000OPS", "ts": "1.0"})
    assert isinstance(verdict, Failure)
    assert (verdict.details["slack_error"], verdict.retryable) == ("message_not_found", False)


def test_the_annotations_say_what_is_true() -> None:
    promises = {action.name: action.annotations for action in SlackIntegration.actions}
    assert {name for name, one in promises.items() if one.destructive} == {"slack.delete-message"}
    assert {name for name, one in promises.items() if one.read_only} == {"slack.look-up-user"}
    assert {name for name, one in promises.items() if one.idempotent} == {"slack.update-message", "slack.add-reaction"}


async def test_a_trial_asks_slack_who_the_bot_is(base_url: str) -> None:
    slack = SlackIntegration(None, base_url)
    async with IntegrationRegistry([slack]) as registry:
        passed = await registry.test(slack, CREDENTIALS)
        refused = await registry.test(slack, {"bot_token": "xoxb-wrong"})
    assert passed == Success({"team": "Reading Room", "user": "mobius"})
    assert isinstance(refused, Failure)
    assert (refused.error_type, refused.details["slack_error"]) == ("fatal_error", "invalid_auth")


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
    slack: SlackWorkspace, base_url: str, error: str, error_type: str, retryable: bool, certain: bool
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


async def test_no_part_of_a_token_stays_where_a_word_is_cut(slack: SlackWorkspace, base_url: str) -> None:
    slack.faults.append(SlackFault("-" * 95 + DEMO_TOKEN))
    assert DEMO_TOKEN[:5] not in repr(await _failure(base_url))


async def test_too_many_messages_are_retried_after_the_pause_that_slack_names(
    slack: SlackWorkspace, base_url: str
) -> None:
    slack.faults.append(SlackFault("ratelimited", retry_after_seconds=30))
    failure = await _failure(base_url)
    assert (failure.retryable, failure.certain, failure.retry_after) == (True, True, timedelta(seconds=30))
    assert slack.messages == []


async def test_nothing_is_retried_inside(slack: SlackWorkspace, base_url: str) -> None:
    slack.faults.extend(
        [SlackFault("ratelimited", retry_after_seconds=0), SlackFault("ratelimited", retry_after_seconds=0)]
    )
    await _failure(base_url)
    assert len(slack.faults) == 1


@pytest.mark.parametrize(("token", "default"), [(None, None), ("", None), ("xoxb-own", {"bot_token": "xoxb-own"})])
def test_a_token_of_the_settings_is_the_default_of_all_projects(token: str | None, default: JsonObject | None) -> None:
    assert SlackIntegration(token).default == default


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
    slack: SlackWorkspace, base_url: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("HTTP_PROXY", "http_proxy", "HTTPS_PROXY", "https_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert isinstance(await _post(base_url), Success)


async def test_neither_message_nor_token_is_logged(base_url: str, caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    await _post(base_url)
    assert "Summary complete" not in caplog.text
    assert DEMO_TOKEN not in caplog.text


async def test_the_message_goes_out_as_json_under_the_bearer_token(receiver: Receiver) -> None:
    await _post(receiver.url, {**MESSAGE, "blocks": [{"type": "divider"}]})
    (received,) = receiver.received
    assert received.headers["authorization"] == f"Bearer {DEMO_TOKEN}"
    assert received.headers["content-type"].startswith("application/json")
