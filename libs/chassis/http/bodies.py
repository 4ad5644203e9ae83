"""Reads a request's body within its limits of size and time, and names what made it too large."""

import asyncio

from aiohttp import StreamReader
from aiohttp.http_exceptions import HttpProcessingError
from aiohttp.web import BaseRequest, RequestPayloadError

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import SLOW_BODY, bad_request
from libs.chassis.http.fields import field_path
from libs.contracts.codec import InvalidJson, Json, dump_json, parse_json

PATIENCE = 4
"""A body up to this many times the limit is read to its end, only to say which of its fields is too large."""

_DEPTH = 32
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"


def announced_bytes(request: BaseRequest, limit: int) -> int:
    """How much of a body will be held at most; one of unknown length counts as if it were as long as it may be."""
    length = request.content_length
    return limit if length is None else min(length, limit * PATIENCE)


async def read_body(request: BaseRequest, limit: int, seconds: float) -> bytes | Rejected:
    """The whole body, at most `limit` bytes. Small bodies arrive with the head and cost no waiting."""
    content = request.content
    if content.is_eof():
        raw: bytes = content.read_nowait(-1)
        return raw if len(raw) <= limit else too_large(raw, limit)
    if (request.content_length or 0) > limit * PATIENCE:
        return too_large(None, limit)
    if request.headers.get("Expect", "").lower() == "100-continue" and request.transport is not None:
        request.transport.write(_CONTINUE)
    try:
        async with asyncio.timeout(seconds):
            whole = await _read(content, limit * PATIENCE)
    except TimeoutError:
        return SLOW_BODY
    except ConnectionError:
        return bad_request("expected a whole body, but the client hung up")  # nobody reads this
    except (RequestPayloadError, HttpProcessingError):
        return bad_request("expected a body as its headers announce it, but it is framed otherwise")
    return whole if whole is not None and len(whole) <= limit else too_large(whole, limit)


async def _read(content: StreamReader, most: int) -> bytes | None:
    chunks, total = [], 0
    while not content.at_eof():
        chunk = await content.readany()
        total += len(chunk)
        if total > most:
            return None
        chunks.append(chunk)
    return b"".join(chunks)


def too_large(raw: bytes | None, limit: int) -> Rejected:
    """The refusal of a body past its limit, with the path of its largest field where that can be told."""
    largest = largest_field(raw) if raw is not None else None
    where = f", most of it in {largest}" if largest else ""
    size = f"it has {len(raw)}" if raw is not None else "it has many more"
    sentence = f"expected a body of at most {limit} bytes, but {size}{where}"
    return Rejected("invalid_argument", sentence, largest, "payload_too_large", {"limit_bytes": limit})


def largest_field(raw: bytes) -> str | None:
    """The deepest field that holds more than half of what is around it; None where the body is no JSON object."""
    try:
        node = parse_json(raw)
    except InvalidJson:
        return None
    path: list[str | int] = []
    size = len(raw)
    while len(path) < _DEPTH and isinstance(node, dict | list) and node:
        step, child, child_size = _largest_child(node)
        if child_size * 2 <= size:
            break
        path.append(step)
        node, size = child, child_size
    return field_path(path) or None


def _largest_child(node: dict[str, Json] | list[Json]) -> tuple[str | int, Json, int]:
    children = node.items() if isinstance(node, dict) else enumerate(node)
    return max(((step, child, len(dump_json(child))) for step, child in children), key=lambda found: found[2])
