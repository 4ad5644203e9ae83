"""The HTTP client underneath every delivery, and the one thing that it has to remember: was there a connection?

Before a connection is there, no byte of a request can have left, so that sending it again repeats nothing. From then on
nobody can tell what the other side saw.
"""

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from types import SimpleNamespace

import aiohttp
from yarl import URL

from libs.contracts.target_urls import literal_address
from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.target_guard import guarded_connector

USER_AGENT = "Mobius-Delivery/1"


class RedirectRefused(aiohttp.ClientError):
    """The answer points elsewhere, and nobody goes there."""


@dataclass
class Transcript:
    """What has happened so far to the request that is under way in this task."""

    connected: bool = False


_transcript: ContextVar[Transcript | None] = ContextVar("transcript", default=None)


@contextmanager
def transcript() -> Iterator[Transcript]:
    """Watches the one request that is made inside the block."""
    watched = Transcript()
    token = _transcript.set(watched)
    try:
        yield watched
    finally:
        _transcript.reset(token)


class BoundedResponse(aiohttp.ClientResponse):
    """An answer that is read whole by a library, up to the limit for answers."""

    most_bytes = DeliveryLimits().response_bytes

    async def read(self) -> bytes:
        if self._body is None:
            body, is_whole = await read_bounded(self.content, self.most_bytes)
            if not is_whole:
                self.close()
                raise aiohttp.ClientPayloadError(f"the answer is longer than {self.most_bytes} bytes")
            self._body = body
        return self._body


async def read_bounded(stream: aiohttp.StreamReader, most: int) -> tuple[bytes, bool]:
    """At most `most` bytes of a stream, and whether that was all of it."""
    read = bytearray()
    async for chunk in stream.iter_any():
        read += chunk
        if len(read) > most:
            return bytes(read[:most]), False
    return bytes(read), True


def open_session(policy: TargetPolicy, limits: DeliveryLimits, *, keep_open: bool) -> aiohttp.ClientSession:
    """A session without cookies, proxies, decompression and redirects. Needs the running loop; close it."""
    return aiohttp.ClientSession(
        connector=guarded_connector(policy, limits, keep_open=keep_open),
        cookie_jar=aiohttp.DummyCookieJar(),
        timeout=timeouts(limits),
        headers={"User-Agent": USER_AGENT, "Accept-Encoding": "identity"},
        auto_decompress=False,
        trust_env=False,
        response_class=BoundedResponse,
        trace_configs=[_tracing()],
    )


def canonical(url: str) -> URL:
    """The URL as it was registered, but an address in its canonical spelling: the client takes no other."""
    target = URL(url, encoded=True)
    address = literal_address((target.host or "").lower().removesuffix("."))
    return target.with_host(str(address)) if isinstance(address, IPv4Address | IPv6Address) else target


def timeouts(limits: DeliveryLimits, total_seconds: float | None = None) -> aiohttp.ClientTimeout:
    """The deadlines of one request."""
    connect = limits.connect_timeout.total_seconds()
    total = limits.total_timeout.total_seconds() if total_seconds is None else total_seconds
    return aiohttp.ClientTimeout(total=total, connect=min(connect, total), sock_connect=min(connect, total))


def _tracing() -> aiohttp.TraceConfig:
    config = aiohttp.TraceConfig()
    config.on_connection_create_end.append(_connected)
    config.on_connection_reuseconn.append(_connected)
    config.on_request_redirect.append(_redirected)
    return config


async def _connected(session: aiohttp.ClientSession, context: SimpleNamespace, parameters: object) -> None:
    watched = _transcript.get()
    if watched is not None:
        watched.connected = True


async def _redirected(session: aiohttp.ClientSession, context: SimpleNamespace, parameters: object) -> None:
    raise RedirectRefused("expected an answer, but it is a redirect")
