"""GitHub: issues, pull requests, workflows and releases, with a token or as a GitHub App.

With GitHub Enterprise Server the base URL is `https://<host>/api/v3`. Nothing is retried in here, and no token goes
anywhere but into the Authorization header.
"""

import asyncio
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import replace
from datetime import UTC, datetime, timedelta
from http import HTTPStatus
from typing import ClassVar, Final

import aiohttp
from gidgethub import GitHubException
from gidgethub.aiohttp import GitHubAPI
from gidgethub.apps import get_jwt
from jwt import PyJWTError

from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.faults import fault_of
from services.dispatcher.delivery.integrations.at_base_url import IntegrationAtBaseUrl
from services.dispatcher.delivery.integrations.github_actions import ADD_LABELS, CALLS, DISPATCH_WORKFLOW, Call
from services.dispatcher.delivery.integrations.github_answers import Answer, answer_failure, wire_failure
from services.dispatcher.delivery.integrations.github_connecting import CONNECTING
from services.dispatcher.delivery.integrations.github_tokens import InstallationTokens, Token
from services.dispatcher.delivery.integrations.port import Connecting, InvocationContext
from services.dispatcher.delivery.integrations.redaction import bytes_without, redacted, text_without
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from services.dispatcher.delivery.wire import USER_AGENT, transcript

DEFAULT_BASE_URL: Final = "https://api.github.com"
_TOKENS: Final = "/app/installations/{installation_id}/access_tokens"
_READING: Final = Annotations(read_only=True)


class GitHubIntegration(IntegrationAtBaseUrl):
    """`token`: the installation's own, for projects that are not connected."""

    slug = "github"
    title = "GitHub"
    description = "Issues, pull requests, workflows and releases of GitHub repositories."
    connecting: ClassVar[Connecting | None] = CONNECTING
    actions = tuple(call.action for call in CALLS.values())

    def __init__(
        self,
        token: str | None,
        base_url: str = DEFAULT_BASE_URL,
        limits: DeliveryLimits | None = None,
        now: Callable[[], datetime] = lambda: datetime.now(UTC),
    ) -> None:
        super().__init__(base_url, limits)
        self._own_token = token or None
        self._now = now
        self._tokens = InstallationTokens(now)

    @property
    def default(self) -> JsonObject | None:
        return None if self._own_token is None else {"token": self._own_token}

    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        call = CALLS[action]
        fields = {name: value for name, value in parameters.items() if f"{{{name}}}" not in call.path}
        places = {name: str(value) for name, value in parameters.items() if name not in fields}

        def ask(api: _Api) -> Awaitable[Json]:
            send = api.post if call.method == "POST" else api.patch
            return send(call.path, places, data=fields)

        told = await self._under_token(context.credentials, ask, call.action.annotations, context.timeout)
        return told if isinstance(told, Failure) else _result(call, told.result)

    async def test(self, credentials: JsonObject) -> Verdict:
        """Asks GitHub who it is, or what the App may see."""
        if "token" in credentials:
            told = await self._under_token(credentials, lambda api: api.getitem("/user"), _READING)
            return told if isinstance(told, Failure) else Success(_picked(told.result, {"login": "login"}))
        path = "/installation/repositories?per_page=1"
        told = await self._under_token(credentials, lambda api: api.getitem(path), _READING)
        return told if isinstance(told, Failure) else Success(_picked(told.result, {"repositories": "total_count"}))

    async def _under_token(
        self, credentials: JsonObject, ask: "_Ask", promises: Annotations, within: timedelta | None = None
    ) -> Verdict:
        """GitHub's answer as it is. A token that is refused is not used again."""
        try:
            token = await self._token(credentials)
        except _NoToken as none:
            return none.failure
        verdict = await self._ask(self._api(token, token), ask, promises, within)
        is_refused = isinstance(verdict, Failure) and verdict.details.get("status") == HTTPStatus.UNAUTHORIZED
        if is_refused and "token" not in credentials:
            self._tokens.forget(credentials)
        return redacted(verdict, [token])

    async def _token(self, credentials: JsonObject) -> str:
        if "token" in credentials:
            return str(credentials["token"])
        return await self._tokens.of(credentials, lambda: self._installation_token(credentials))

    async def _installation_token(self, credentials: JsonObject) -> Token:
        """Nothing of the action has been sent so far: whatever goes wrong, it was not carried out."""
        try:
            proof = get_jwt(app_id=str(credentials["app_id"]), private_key=str(credentials["private_key"]))
        except (PyJWTError, ValueError, TypeError):
            sentence = "expected a private key that signs for a GitHub App, but it is none"
            raise _NoToken(Failure("fatal_error", sentence, retryable=False, certain=True)) from None
        places = {"installation_id": str(credentials["installation_id"])}
        api = self._api(None, proof)
        told = await self._ask(api, lambda api: api.post(_TOKENS, places, data=b"", jwt=proof), _READING)
        if isinstance(told, Failure):
            raise _NoToken(replace(told, certain=True, sentence=f"asked for an installation's token: {told.sentence}"))
        fields = told.result if isinstance(told.result, dict) else {}
        try:
            return Token(str(fields["token"]), datetime.fromisoformat(str(fields["expires_at"])))
        except (KeyError, ValueError):
            sentence = "expected an installation's token of GitHub, but the answer has none"
            raise _NoToken(Failure("fatal_error", sentence, retryable=False, certain=True)) from None

    def _api(self, token: str | None, secret: str) -> "_Api":
        """`secret` is what the calls prove who they are with: nothing that is told of them has it."""
        api = _Api(self.session, USER_AGENT, oauth_token=token, base_url=self.base_url)
        api.secret = secret
        return api

    async def _ask(self, api: "_Api", ask: "_Ask", promises: Annotations, within: timedelta | None = None) -> Verdict:
        """What GitHub answered, or what is wrong with it."""
        allowed = within or self.limits.total_timeout
        with transcript() as watched:
            try:
                async with asyncio.timeout(allowed.total_seconds()):
                    return Success(await ask(api))
            except (GitHubException, aiohttp.ClientError, OSError, TimeoutError, ValueError, AttributeError) as error:
                if api.answer is not None:  # it came whole: the library has its own word for what is wrong with it
                    quoted = replace(api.answer, body=bytes_without(api.answer.body, [api.secret]))
                    return answer_failure(quoted, promises, self._now(), self.limits.retry_after)
                fault, text = fault_of(error, connected=watched.connected)
                return wire_failure(fault, text_without(text, [api.secret]), promises)


class _Api(GitHubAPI):
    """Remembers the last answer as it came, because the library's exceptions tell only a part of it."""

    answer: Answer | None = None
    secret: str = ""

    async def _request(
        self, method: str, url: str, headers: Mapping[str, str], body: bytes = b""
    ) -> tuple[int, Mapping[str, str], bytes]:
        self.answer = None
        answered = await super()._request(method, url, headers, body)
        self.answer = Answer(*answered)
        return answered


_Ask = Callable[[_Api], Awaitable[Json]]


class _NoToken(Exception):
    """There is none to work under; `failure` says why."""

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.sentence)
        self.failure = failure


def _result(call: Call, answer: Json) -> Verdict:
    if call.action is DISPATCH_WORKFLOW:
        return Success({"dispatched": True})
    if call.action is ADD_LABELS:
        labels = answer if isinstance(answer, list) else []
        return Success({"labels": [label["name"] for label in labels if isinstance(label, dict)]})
    return Success(_picked(answer, call.picked))


def _picked(answer: Json, wanted: Mapping[str, str]) -> JsonObject:
    """What is not there is left out: the output schema has the word on that."""
    fields = answer if isinstance(answer, dict) else {}
    return {name: fields[source] for name, source in wanted.items() if source in fields}
