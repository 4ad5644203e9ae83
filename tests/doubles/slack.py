"""The local stand-in for Slack, for tests. What people are shown of it lives beside the demo, which may not import from
the tests; what only tests need of it is added here."""

from dataclasses import dataclass, field

from aiohttp import web

from demo.local_server import LocalServer
from demo.slack_double import DEMO_TOKEN, SlackDouble, SlackFault, SlackMessage
from libs.contracts.codec import JsonObject

__all__ = ["DEMO_TOKEN", "USER", "LocalServer", "SlackDouble", "SlackFault", "SlackMessage", "SlackWorkspace"]

USER: JsonObject = {
    "id": "U0000000ADA",
    "name": "ada",
    "real_name": "Ada",
    "deleted": False,
    "profile": {"email": "ada@x.test"},
}


@dataclass
class SlackWorkspace(SlackDouble):
    """Beside posting it updates, deletes and reacts, knows one person and says who its bot is. `calls` are the methods
    in the order in which they were asked for; of `texts` and `reactions` the key is the message's ts."""

    calls: list[str] = field(default_factory=list)
    texts: dict[str, str] = field(default_factory=dict)
    reactions: dict[str, set[str]] = field(default_factory=dict)

    async def _handle(self, request: web.Request) -> web.Response:
        method = request.path.removeprefix("/api/")
        self.calls.append(method)
        if method == "chat.postMessage" or self.faults:
            answer = await super()._handle(request)
            self.texts |= {message.ts: message.text for message in self.messages if message.ts not in self.texts}
            return answer
        if request.headers.get("Authorization") != f"Bearer {self.token}":
            return self._fail(SlackFault("invalid_auth"))
        is_json = request.content_type == "application/json"
        sent = await request.json() if is_json else await request.post()
        fields = {name: str(value) for name, value in sent.items()}
        return self._answer(method, fields, is_json)

    def _answer(self, method: str, fields: dict[str, str], is_json: bool) -> web.Response:
        ts = fields.get("ts", fields.get("timestamp", ""))
        if method == "auth.test":
            return web.json_response({"ok": True, "team": "Reading Room", "user": "mobius"})
        if method.startswith("users."):
            return self._user(method, fields, is_json)
        if fields.get("channel") not in self.channels.values():
            return self._fail(SlackFault("channel_not_found"))
        if ts not in self.texts:
            return self._fail(SlackFault("message_not_found"))
        if method == "reactions.add":
            return self._react(ts, fields["name"])
        if method == "chat.update":
            self.texts[ts] = fields["text"]
        elif method == "chat.delete":
            del self.texts[ts]
        else:
            return self._fail(SlackFault("unknown_method"))
        return web.json_response({"ok": True, "channel": fields["channel"], "ts": ts})

    def _react(self, ts: str, name: str) -> web.Response:
        names = self.reactions.setdefault(ts, set())
        if name in names:
            return self._fail(SlackFault("already_reacted"))
        names.add(name)
        return web.json_response({"ok": True})

    def _user(self, method: str, fields: dict[str, str], is_json: bool) -> web.Response:
        """Like Slack it takes no JSON here: what it does not see is missing."""
        wanted, known = ("email", "ada@x.test") if method == "users.lookupByEmail" else ("user", USER["id"])
        if is_json or fields.get(wanted) != known:
            return self._fail(SlackFault("users_not_found"))
        return web.json_response({"ok": True, "user": USER})
