"""The stand-in for Slack answers as Slack does, to the published client and to plain HTTP."""

from collections.abc import AsyncIterator

import aiohttp
import pytest
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient

from demo.local_server import LocalServer
from demo.slack_double import LONGEST_TEXT, SlackDouble, SlackFault

JSON = "application/json; charset=utf-8"


@pytest.fixture
def slack() -> SlackDouble:
    return SlackDouble(token="xoxb-right")


@pytest.fixture
async def url(slack: SlackDouble) -> AsyncIterator[str]:
    async with LocalServer(slack.app()) as server:
        yield server.url


async def post(url: str, body: bytes, content_type: str = JSON, token: str | None = "xoxb-right") -> dict[str, object]:
    headers = {"Content-Type": content_type} | ({"Authorization": f"Bearer {token}"} if token else {})
    async with aiohttp.ClientSession() as session, session.post(url, data=body, headers=headers) as answer:
        assert answer.status == 200
        return {**await answer.json()}


@pytest.mark.parametrize("channel", ["#ops", "ops", "C0000000OPS"])
async def test_published_client_posts_a_message(slack: SlackDouble, url: str, channel: str) -> None:
    answer = await AsyncWebClient("xoxb-right", base_url=f"{url}/api/").chat_postMessage(channel=channel, text="done")
    (message,) = slack.messages
    assert (message.channel_name, message.text) == ("#ops", "done")
    assert (answer["ok"], answer["channel"], answer["ts"]) == (True, "C0000000OPS", message.ts)
    assert answer["message"]["text"] == "done"


async def test_form_is_as_good_as_json(slack: SlackDouble, url: str) -> None:
    form = "application/x-www-form-urlencoded"
    answer = await post(f"{url}/api/chat.postMessage", b"channel=%23ops&text=done+for+today", form)
    assert answer["ok"] is True
    assert slack.messages[0].text == "done for today"


@pytest.mark.parametrize(
    ("path", "body", "content_type", "token", "error"),
    [
        ("chat.postMessage", b'{"channel":"#nowhere","text":"x"}', JSON, "xoxb-right", "channel_not_found"),
        ("chat.postMessage", b'{"text":"x"}', JSON, "xoxb-right", "channel_not_found"),
        ("chat.postMessage", b'{"channel":"#ops"}', JSON, "xoxb-right", "no_text"),
        ("chat.postMessage", b'{"channel":"#ops","text":"  "}', JSON, "xoxb-right", "no_text"),
        ("chat.postMessage", b'{"channel":"#ops","text":7}', JSON, "xoxb-right", "no_text"),
        (
            "chat.postMessage",
            b'{"channel":"#ops","text":"' + b"x" * (LONGEST_TEXT + 1) + b'"}',
            JSON,
            "xoxb-right",
            "msg_too_long",
        ),
        ("chat.postMessage", b'{"channel":', JSON, "xoxb-right", "invalid_json"),
        ("chat.postMessage", b"[]", JSON, "xoxb-right", "json_not_object"),
        ("chat.postMessage", b"text", "text/plain", "xoxb-right", "invalid_post_type"),
        ("chat.postMessage", b'{"channel":"#ops","text":"x"}', JSON, "xoxb-wrong", "invalid_auth"),
        ("chat.postMessage", b'{"channel":"#ops","text":"x"}', JSON, None, "not_authed"),
        ("chat.postmessage", b'{"channel":"#ops","text":"x"}', JSON, "xoxb-right", "unknown_method"),
    ],
)
async def test_wrong_request_is_refused_in_slacks_words(
    slack: SlackDouble, url: str, path: str, body: bytes, content_type: str, token: str | None, error: str
) -> None:
    answer = await post(f"{url}/api/{path}", body, content_type, token)
    assert answer == {"ok": False, "error": error}
    assert slack.messages == []
    assert slack.refusals == [error]


async def test_fault_is_answered_once_and_then_forgotten(slack: SlackDouble, url: str) -> None:
    client = AsyncWebClient("xoxb-right", base_url=f"{url}/api/")
    slack.faults.append(SlackFault("ratelimited", retry_after_seconds=3))
    with pytest.raises(SlackApiError) as limited:
        await client.chat_postMessage(channel="#ops", text="done")
    assert limited.value.response.status_code == 429
    assert limited.value.response.headers["Retry-After"] == "3"
    await client.chat_postMessage(channel="#ops", text="done")
    assert [message.text for message in slack.messages] == ["done"]


async def test_messages_have_names_of_their_own_and_are_announced(slack: SlackDouble, url: str) -> None:
    announced: list[str] = []
    slack.on_message = lambda message: announced.append(message.ts)
    for text in (b"one", b"two", b"three"):
        await post(f"{url}/api/chat.postMessage", b'{"channel":"#ops","text":"%s"}' % text)
    assert len(set(announced)) == 3
    assert announced == [message.ts for message in slack.messages]
