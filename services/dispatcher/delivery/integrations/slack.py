"""Slack: messages, reactions and people, as a bot.

Nothing is retried in here, and the token goes nowhere but into the Authorization header.
"""

import asyncio
import logging
from dataclasses import dataclass
from datetime import timedelta
from typing import ClassVar, Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from libs.contracts.codec import Json, JsonObject
from libs.contracts.events.catalog import Annotations
from services.dispatcher.delivery.faults import fault_of
from services.dispatcher.delivery.integrations.at_base_url import IntegrationAtBaseUrl
from services.dispatcher.delivery.integrations.port import Connecting, InvocationContext
from services.dispatcher.delivery.integrations.redaction import text_without
from services.dispatcher.delivery.integrations.slack_actions import CALLS, CONNECTING
from services.dispatcher.delivery.integrations.slack_answers import Answer, answer_failure, error_word, wire_failure
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.outcome import Fault
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from services.dispatcher.delivery.wire import transcript

DEFAULT_BASE_URL: Final = "https://slack.com/api/"
_BY_EMAIL: Final = "users.lookupByEmail"


@dataclass(frozen=True)
class _Question:
    """One call of a method. What reads takes no JSON but a form."""

    method: str
    parameters: JsonObject
    promises: Annotations
    as_form: bool
    timeout: timedelta | None = None

    @property
    def form(self) -> dict[str, Json] | None:
        return dict(self.parameters) if self.as_form else None

    @property
    def json(self) -> dict[str, Json] | None:
        return None if self.as_form else dict(self.parameters)


_WHO_AM_I: Final = _Question("auth.test", {}, Annotations(read_only=True), as_form=True)


class SlackIntegration(IntegrationAtBaseUrl):
    """`token`: the installation's own bot, for projects that are not connected."""

    slug = "slack"
    title = "Slack"
    description = "Messages, reactions and people of a Slack workspace, as a bot."
    connecting: ClassVar[Connecting | None] = CONNECTING
    actions = tuple(call.action for call in CALLS.values())

    def __init__(
        self, token: str | None, base_url: str = DEFAULT_BASE_URL, limits: DeliveryLimits | None = None
    ) -> None:
        super().__init__(base_url, limits)
        self._token = token or None

    @property
    def default(self) -> JsonObject | None:
        return None if self._token is None else {"bot_token": self._token}

    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        call = CALLS[action]
        method = _BY_EMAIL if "email" in parameters else call.method
        question = _Question(method, parameters, call.action.annotations, call.as_form, context.timeout)
        answer = await self._ask(self._client(context.credentials), question)
        if isinstance(answer, Failure):
            done_before = call.done_before is not None and answer.details.get("slack_error") == call.done_before
            return Success({"ok": True}) if done_before else answer
        return Success({key: answer.get(key) for key in call.picked})

    async def test(self, credentials: JsonObject) -> Verdict:
        """Asks Slack who the bot is."""
        answer = await self._ask(self._client(credentials), _WHO_AM_I)
        if isinstance(answer, Failure):
            return answer
        return Success({key: answer.get(key) for key in ("team", "user")})

    async def _ask(self, client: AsyncWebClient, question: "_Question") -> AsyncSlackResponse | Failure:
        """Slack's answer, or what is wrong with it."""
        token = str(client.token)
        allowed, promises = question.timeout or self.limits.total_timeout, question.promises
        with transcript() as watched:
            try:
                async with asyncio.timeout(allowed.total_seconds()):
                    return await client.api_call(question.method, data=question.form, json=question.json)
            except SlackApiError as error:
                return answer_failure(_answer(error.response, token), promises, self.limits.retry_after)
            except AttributeError:  # how the client takes a 200 whose body is no JSON object
                return wire_failure(Fault.CUT_OFF, "the answer is not Slack's", promises)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                fault, text = fault_of(error, connected=watched.connected)
                return wire_failure(fault, text_without(text, [token]), promises)

    def _client(self, credentials: JsonObject) -> AsyncWebClient:
        client = AsyncWebClient(
            token=str(credentials["bot_token"]),
            base_url=self.base_url,
            session=self.session,
            retry_handlers=[],
            logger=_quiet_logger(),
        )
        client.proxy = None  # the client has looked into the environment
        return client


def _answer(response: AsyncSlackResponse | aiohttp.ClientResponse, token: str) -> Answer:
    """The client hands over its own kind of answer, or the raw one when the body was not JSON."""
    if isinstance(response, aiohttp.ClientResponse):
        return Answer(response.status, response.headers, None)
    return Answer(response.status_code, response.headers, error_word(response.data, token))


def _quiet_logger() -> logging.Logger:
    """The client logs messages and headers at debug level: never."""
    logger = logging.getLogger(__name__)
    logger.setLevel(logging.WARNING)
    return logger
