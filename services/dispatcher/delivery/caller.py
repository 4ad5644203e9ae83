"""Makes one HTTP request where the operator allows it, and tells what came of it: for integrations that speak HTTP.

    outcome = await self._caller.call(Request("GET", url, headers={"Authorization": …}))
    return judge(outcome, ANNOTATIONS)

Like the sender of signed POSTs it raises nothing for what the other side does, follows no redirect, and tries once.
"""

import asyncio
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta

import aiohttp

from libs.contracts.target_urls import check_url
from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.faults import fault_of
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.outcome import Fault, Outcome
from services.dispatcher.delivery.retry_after import parse_retry_after
from services.dispatcher.delivery.wire import canonical, open_session, read_bounded, timeouts, transcript

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,256}")
_VALUE = re.compile(r"[\t -~]{0,8192}")
_FRAMING = frozenset(
    "accept-encoding connection content-encoding content-length expect host keep-alive te trailer transfer-encoding "
    "upgrade".split()
)


@dataclass(frozen=True)
class Request:
    """What is sent. ValueError for headers that frame the request, or that are not printable ASCII."""

    method: str
    url: str
    headers: Mapping[str, str] = field(default_factory=dict, repr=False)
    body: bytes = field(default=b"", repr=False)
    timeout: timedelta | None = None
    """For this request, instead of the limit for all."""

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            if name.lower() in _FRAMING or name.lower().startswith("proxy-"):
                raise ValueError(f"expected a header that a caller may set, but it is {name[:64]}")
            if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
                raise ValueError(f"expected a header of printable ASCII characters, but {name[:64]!r} has others")


class HttpCaller:
    """One for an integration; between `open` and `close` it makes requests, each on a connection of its own."""

    def __init__(self, policy: TargetPolicy, limits: DeliveryLimits | None = None) -> None:
        self._policy = policy
        self._limits = limits or DeliveryLimits()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        """Needs the running loop."""
        self._session = open_session(self._policy, self._limits, keep_open=False)

    async def close(self) -> None:
        """Safe to call twice."""
        if self._session is not None:
            await self._session.close()

    async def call(self, request: Request) -> Outcome:
        """Sends the request, if its target is one that may be sent to."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        refused = check_url(request.url, self._policy)
        if refused is not None:
            return Outcome(False, timedelta(0), fault=Fault.TARGET_DENIED, fault_text=refused.sentence)
        with transcript() as watched:
            try:
                response, body, is_whole = await self._exchange(request)
            except (aiohttp.ClientError, OSError, TimeoutError, ValueError) as error:
                took = timedelta(seconds=loop.time() - started)
                fault, text = fault_of(error, connected=watched.connected)
                return Outcome(watched.connected, took, fault=fault, fault_text=text)
        return self._outcome(response, body, is_whole, timedelta(seconds=loop.time() - started))

    def _outcome(self, response: aiohttp.ClientResponse, body: bytes, is_whole: bool, took: timedelta) -> Outcome:
        headers = response.headers
        return Outcome(
            bytes_sent=True,
            duration=took,
            status=response.status,
            body=body,
            encoded=headers.get("Content-Encoding", "identity").lower() != "identity",
            fault=None if is_whole else Fault.TOO_LARGE,
            fault_text="" if is_whole else f"the answer is longer than {self._limits.response_bytes} bytes",
            retry_after=parse_retry_after(headers.get("Retry-After"), datetime.now(UTC), self._limits.retry_after),
            headers={name.lower(): value for name, value in headers.items()},
        )

    async def _exchange(self, request: Request) -> tuple[aiohttp.ClientResponse, bytes, bool]:
        """The answer, its body, and whether the body is whole."""
        if self._session is None:
            raise RuntimeError("expected an open caller, but it is closed")
        seconds = None if request.timeout is None else request.timeout.total_seconds()
        asked = self._session.request(
            request.method,
            canonical(request.url),
            data=request.body or None,
            headers=dict(request.headers),
            allow_redirects=False,
            timeout=timeouts(self._limits, seconds),
        )
        async with asked as response:
            body, is_whole = await read_bounded(response.content, self._limits.response_bytes)
            if not is_whole:
                response.close()
            return response, body, is_whole
