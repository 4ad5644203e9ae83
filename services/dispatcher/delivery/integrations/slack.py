"""Slack: `slack.post-message`.

The base URL is the operator's setting and is trusted as such: it passes no target guard, so that a local stand-in or a
gateway inside the network can be named. Redirects are refused all the same, no proxy is read from the environment,
nothing is retried in here, and the token goes nowhere but into the Authorization header.
"""

import asyncio
import logging
from collections.abc import Sequence
from datetime import timedelta
from ipaddress import ip_network
from typing import Final

import aiohttp
from slack_sdk.errors import SlackApiError
from slack_sdk.web.async_client import AsyncWebClient
from slack_sdk.web.async_slack_response import AsyncSlackResponse

from libs.contracts.codec import JsonObject
from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.faults import fault_of
from services.dispatcher.delivery.integrations.port import IntegrationAction, InvocationContext
from services.dispatcher.delivery.integrations.slack_actions import POST_MESSAGE
from services.dispatcher.delivery.integrations.slack_answers import Answer, answer_failure, error_word, wire_failure
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.outcome import Fault
from services.dispatcher.delivery.verdict import Failure, Success, Verdict
from services.dispatcher.delivery.wire import open_session, transcript

DEFAULT_BASE_URL: Final = "https://slack.com/api/"
_METHOD = "chat.postMessage"
_EVERYWHERE = TargetPolicy((ip_network("0.0.0.0/0"), ip_network("::/0")))


class SlackIntegration:
    """Satisfies `Integration`. Without a token it is listed and not available."""

    slug = "slack"

    def __init__(
        self, token: str | None, base_url: str = DEFAULT_BASE_URL, limits: DeliveryLimits | None = None
    ) -> None:
        self._token = token or None
        self._base_url = base_url
        self._limits = limits or DeliveryLimits()
        self._session: aiohttp.ClientSession | None = None
        self._client: AsyncWebClient | None = None

    @property
    def available(self) -> bool:
        return self._token is not None

    @property
    def actions(self) -> Sequence[IntegrationAction]:
        return (POST_MESSAGE,)

    async def open(self) -> None:
        self._session = open_session(_EVERYWHERE, self._limits, keep_open=False)
        self._client = AsyncWebClient(
            token=self._token,
            base_url=self._base_url,
            session=self._session,
            retry_handlers=[],
            logger=_quiet_logger(),
        )
        self._client.proxy = None  # the client has looked into the environment

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    async def invoke(self, action: str, parameters: JsonObject, context: InvocationContext) -> Verdict:
        if action != POST_MESSAGE.name:
            raise ValueError(f"expected {POST_MESSAGE.name}, but it is {action}")
        if self._client is None:
            raise RuntimeError("expected an open integration, but it is closed")
        if not self.available:
            return Failure("fatal_error", "expected a Slack token in the settings, but there is none", False, True)
        return await self._post_message(self._client, parameters, context.timeout)

    async def _post_message(self, client: AsyncWebClient, parameters: JsonObject, allowed: timedelta | None) -> Verdict:
        seconds = (allowed or self._limits.total_timeout).total_seconds()
        with transcript() as watched:
            try:
                async with asyncio.timeout(seconds):
                    response = await client.api_call(_METHOD, json=dict(parameters))
            except SlackApiError as error:
                return answer_failure(_answer(error.response), POST_MESSAGE.annotations, self._limits.retry_after)
            except AttributeError:  # how the client takes a 200 whose body is no JSON object
                return wire_failure(Fault.CUT_OFF, "the answer is not Slack's", POST_MESSAGE.annotations)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                fault, text = fault_of(error, connected=watched.connected)
                return wire_failure(fault, text, POST_MESSAGE.annotations)
        return Success({key: response.get(key) for key in ("ok", "channel", "ts")})


def _answer(response: AsyncSlackResponse | aiohttp.ClientResponse) -> Answer:
    """The client hands over its own kind of answer, or the raw one when the body was not JSON."""
    if isinstance(response, aiohttp.ClientResponse):
        return Answer(response.status, response.headers, None)
    return Answer(response.status_code, response.headers, error_word(response.data))


def _quiet_logger() -> logging.Logger:
    """The client logs messages and headers at debug level: never."""
    logger = logging.getLogger(__name__)
    logger.setLevel(logging.WARNING)
    return logger
