"""Server-sent events: sends chunks as they come, keeps quiet streams alive, ends when either side leaves."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from typing import Literal

from aiohttp.web import BaseRequest, StreamResponse

from libs.chassis.http.respond import stream_headers
from libs.chassis.telemetry.logging import get_logger

log = get_logger(__name__)

_KEEPALIVE = b": still here\n\n"
_WELCOME = b": open\n\n"


async def send_stream(
    request: BaseRequest,
    events: AsyncIterator[bytes],
    request_id: str,
    *,
    ends: tuple[asyncio.Event, ...],
    comment_seconds: float,
    write_seconds: float,
) -> StreamResponse:
    """Sends until the iterator ends or one of `ends` is set (the client hung up, its key ended, the process drains).

    A client that does not take a chunk within `write_seconds` is left. The iterator is always closed.
    """
    response = StreamResponse(headers=stream_headers(request_id, "text/event-stream"))
    response.force_close()
    enders = [asyncio.create_task(event.wait(), name="stream-end") for event in ends]
    try:
        await response.prepare(request)
        await response.write(_WELCOME)
        await _pump(response, events, enders, comment_seconds, write_seconds)
        await response.write_eof()
    except (ConnectionError, TimeoutError):
        _cut(request)
    except Exception:
        log.exception("stream_failed")
        _cut(request)
    finally:
        for ender in enders:
            ender.cancel()
        await close_events(events)
    return response


async def _pump(
    response: StreamResponse,
    events: AsyncIterator[bytes],
    enders: "Sequence[asyncio.Task[Literal[True]]]",
    comment_seconds: float,
    write_seconds: float,
) -> None:
    following: asyncio.Task[bytes | None] | None = None
    try:
        while True:
            following = following or asyncio.create_task(_next(events), name="stream-next")
            await asyncio.wait([following, *enders], timeout=comment_seconds, return_when=asyncio.FIRST_COMPLETED)
            if any(ender.done() for ender in enders):
                return
            chunk = following.result() if following.done() else _KEEPALIVE
            if chunk is None:
                return
            if following.done():
                following = None
            async with asyncio.timeout(write_seconds):
                await response.write(chunk)
    finally:
        if following is not None:
            following.cancel()
            await asyncio.gather(following, return_exceptions=True)


async def _next(events: AsyncIterator[bytes]) -> bytes | None:
    return await anext(events, None)


def _cut(request: BaseRequest) -> None:
    """Ends the connection without the mark that says the stream is whole."""
    if request.transport is not None:
        request.transport.abort()


async def close_events(events: AsyncIterator[bytes]) -> None:
    """Lets the iterator give back what it holds, where it can."""
    close = getattr(events, "aclose", None)
    if close is not None:
        await close()
