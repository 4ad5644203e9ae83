"""Makes one signed POST and tells what came of it. It raises nothing for what the other side does, and tries once."""

import asyncio
from collections.abc import Mapping
from datetime import timedelta
from types import TracebackType
from typing import Final, Self

import aiohttp

from libs.chassis.clock import Clock, SystemClock
from libs.chassis.failpoints import reached
from libs.contracts.signing import signature_headers
from libs.contracts.target_urls import check_url
from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.faults import fault_of
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.outcome import Delivery, Fault, Outcome
from services.dispatcher.delivery.retry_after import parse_retry_after
from services.dispatcher.delivery.wire import canonical, open_session, read_bounded, timeouts, transcript

_JSON: Final = "application/json"


class Sender:
    """One for a process: `async with Sender(policy) as sender: outcome = await sender.post(delivery)`."""

    def __init__(self, policy: TargetPolicy, limits: DeliveryLimits | None = None, clock: Clock | None = None) -> None:
        self._policy = policy
        self._limits = limits or DeliveryLimits()
        self._clock = clock or SystemClock()
        self._kept: aiohttp.ClientSession | None = None
        self._fresh: aiohttp.ClientSession | None = None

    async def __aenter__(self) -> Self:
        self._kept = open_session(self._policy, self._limits, keep_open=True)
        self._fresh = open_session(self._policy, self._limits, keep_open=False)
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for session in (self._kept, self._fresh):
            if session is not None:
                await session.close()

    async def post(self, delivery: Delivery) -> Outcome:
        """Signs and sends. A connection that the other side closes while idle would make the outcome unknown, so what
        may not be repeated never shares one."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        refused = check_url(delivery.url, self._policy)
        if refused is not None:
            return Outcome(False, timedelta(0), fault=Fault.TARGET_DENIED, fault_text=refused.sentence)
        with transcript() as watched:
            try:
                status, headers, body, is_whole = await self._exchange(delivery)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                took = timedelta(seconds=loop.time() - started)
                fault, text = fault_of(error, connected=watched.connected)
                return Outcome(watched.connected, took, fault=fault, fault_text=text)
        return Outcome(
            bytes_sent=True,
            duration=timedelta(seconds=loop.time() - started),
            status=status,
            body=body,
            encoded=headers.get("Content-Encoding", "identity").lower() != "identity",
            fault=None if is_whole else Fault.TOO_LARGE,
            fault_text="" if is_whole else f"the answer is longer than {self._limits.response_bytes} bytes",
            retry_after=parse_retry_after(headers.get("Retry-After"), self._clock.now(), self._limits.retry_after),
        )

    async def _exchange(self, delivery: Delivery) -> tuple[int, Mapping[str, str], bytes, bool]:
        """Status, headers, body, and whether the body is whole."""
        session = self._kept if delivery.may_repeat else self._fresh
        if session is None:
            raise RuntimeError("expected a sender inside `async with`, but it is not open")
        total = delivery.timeout.total_seconds() if delivery.timeout is not None else None
        request = session.post(
            canonical(delivery.url),
            data=delivery.body,
            headers=self._headers(delivery),
            allow_redirects=False,
            timeout=timeouts(self._limits, total),
        )
        async with request as response:
            assert reached("delivery_begun")
            body, is_whole = await read_bounded(response.content, self._limits.response_bytes)
            if not is_whole:
                response.close()
            return response.status, response.headers, body, is_whole

    def _headers(self, delivery: Delivery) -> dict[str, str]:
        now = self._clock.now()
        signatures = signature_headers(delivery.secrets, delivery.delivery_id, now, delivery.body)
        return {**delivery.headers, "Content-Type": _JSON, "Accept": _JSON, **signatures}
