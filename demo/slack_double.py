"""A local server that answers `chat.postMessage` as Slack does, and keeps what was posted.

It stands beside the demo because the demo shows it to people; the tests use the same one. It speaks HTTP and shares
no code with the client it checks. Like Slack it answers 200 with `"ok": false` and an error word to almost everything
that is wrong, and 429 with `Retry-After` when it has had enough.

    python -m demo.slack_double --port 8702 --token xoxb-local
"""

from __future__ import annotations

import argparse
import asyncio
from collections import deque
from collections.abc import Callable, Mapping
from contextlib import suppress
from dataclasses import dataclass, field

from aiohttp import web

from demo.local_server import LocalServer
from libs.contracts.codec import InvalidJson, JsonObject, dump_json, parse_json

POST_MESSAGE = "/api/chat.postMessage"
DEMO_TOKEN = "xoxb-local-demo"
LONGEST_TEXT = 40_000
JSON_TYPE = "application/json"
FORM_TYPE = "application/x-www-form-urlencoded"

Fields = dict[str, object]


@dataclass(frozen=True)
class SlackMessage:
    """One message that was accepted: `channel` is the id, `channel_name` has its `#`, `ts` names the message."""

    channel: str
    channel_name: str
    text: str
    ts: str


@dataclass(frozen=True)
class SlackFault:
    """An answer to give instead of looking at the request: `retry_after_seconds` makes it a 429."""

    error: str
    status: int = 200
    retry_after_seconds: int | None = None


@dataclass
class SlackDouble:
    """The workspace: its channels by name, the token of its bot, the messages it has, and faults to answer next."""

    token: str = DEMO_TOKEN
    channels: Mapping[str, str] = field(default_factory=lambda: {"#ops": "C0000000OPS"})
    messages: list[SlackMessage] = field(default_factory=list)
    refusals: list[str] = field(default_factory=list)
    faults: deque[SlackFault] = field(default_factory=deque)
    on_message: Callable[[SlackMessage], None] = lambda _: None

    def app(self) -> web.Application:
        """The server, ready for `demo.local_server.LocalServer` or any other runner."""
        app = web.Application()
        app.router.add_route("*", "/{path:.*}", self._handle)
        return app

    async def _handle(self, request: web.Request) -> web.Response:
        if self.faults:
            return self._fail(self.faults.popleft())
        outcome = await self._check(request)
        return self._fail(SlackFault(outcome)) if isinstance(outcome, str) else self._post(outcome)

    async def _check(self, request: web.Request) -> Fields | str:
        """The fields of a good message, or Slack's word for what is wrong with the request."""
        if wrong := _wrong_request(request, self.token):
            return wrong
        fields = await _fields(request)
        return fields if isinstance(fields, str) else self._wrong_message(fields) or fields

    def _wrong_message(self, fields: Fields) -> str | None:
        text = fields.get("text")
        if self._channel_name(fields.get("channel")) is None:
            return "channel_not_found"
        if not isinstance(text, str) or not text.strip():
            return "no_text"
        return "msg_too_long" if len(text) > LONGEST_TEXT else None

    def _post(self, fields: Fields) -> web.Response:
        name = self._channel_name(fields["channel"]) or ""
        ts = f"{1_700_000_000 + len(self.messages)}.{len(self.messages):06d}"
        message = SlackMessage(self.channels[name], name, str(fields["text"]), ts)
        self.messages.append(message)
        self.on_message(message)
        sent: JsonObject = {"type": "message", "subtype": "bot_message", "text": message.text, "ts": ts}
        return _answer({"ok": True, "channel": message.channel, "ts": ts, "message": sent})

    def _channel_name(self, given: object) -> str | None:
        """Slack takes a channel's id, or its name with or without the `#`."""
        return next((n for n, channel in self.channels.items() if given in (n, n.removeprefix("#"), channel)), None)

    def _fail(self, fault: SlackFault) -> web.Response:
        self.refusals.append(fault.error)
        body: JsonObject = {"ok": False, "error": fault.error}
        if fault.retry_after_seconds is None:
            return _answer(body, fault.status)
        return _answer(body, 429, {"Retry-After": str(fault.retry_after_seconds)})


def _wrong_request(request: web.Request, token: str) -> str | None:
    """What is wrong with the request before its fields are looked at, in Slack's words."""
    if request.path != POST_MESSAGE:
        return "unknown_method"
    if request.method != "POST":
        return "invalid_post_type"
    given = request.headers.get("Authorization", "")
    if not given.startswith("Bearer "):
        return "not_authed"
    return None if given.removeprefix("Bearer ") == token else "invalid_auth"


async def _fields(request: web.Request) -> Fields | str:
    """The fields of the message, or the word for what is wrong with the body."""
    if request.content_type == FORM_TYPE:
        return dict(await request.post())
    if request.content_type != JSON_TYPE:
        return "invalid_post_type"
    try:
        body = parse_json(await request.read())
    except InvalidJson:
        return "invalid_json"
    return {**body} if isinstance(body, dict) else "json_not_object"


def _answer(body: JsonObject, status: int = 200, headers: Mapping[str, str] | None = None) -> web.Response:
    return web.Response(body=dump_json(body), status=status, content_type=JSON_TYPE, headers=headers)


async def serve(port: int, token: str) -> None:
    """Serve until interrupted, and print what is posted."""
    slack = SlackDouble(token=token, on_message=lambda m: print(f"{m.channel_name}: {m.text}", flush=True))
    async with LocalServer(slack.app(), port) as server:
        print(f"Slack double at {server.url}/api/ with token {token}; channels {', '.join(slack.channels)}", flush=True)
        await asyncio.Event().wait()


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m demo.slack_double", description="A local stand-in for Slack.")
    parser.add_argument("--port", type=int, default=8702, help="port on 127.0.0.1 (default 8702)")
    parser.add_argument("--token", default=DEMO_TOKEN, help="the bot token that is accepted")
    arguments = parser.parse_args()
    with suppress(KeyboardInterrupt):
        asyncio.run(serve(arguments.port, arguments.token))


if __name__ == "__main__":
    main()
