"""Answers with a whole body, on the wire in one write.

The HTTP library's own response computes its headers anew every time; ours differ in three values only, so the head is
joined from ready pieces. (Half of a small request's cost used to be its response.)
"""

import time
from collections.abc import Mapping
from email.utils import formatdate
from http import HTTPStatus
from typing import Final

from aiohttp import HttpVersion10
from aiohttp.abc import AbstractStreamWriter
from aiohttp.web import BaseRequest, StreamResponse
from multidict import CIMultiDict

from libs.chassis.decider import Rejected
from libs.chassis.http.answers import JSON, Content, Empty, Json, encode_json
from libs.chassis.http.errors import envelope, headers_of, status_of

_ALWAYS: Final = (("X-Content-Type-Options", "nosniff"), ("Cache-Control", "no-store"), ("Server", "mobius"))
_FIXED: Final = "".join(f"{name}: {value}\r\n" for name, value in _ALWAYS)
_STATUS_LINES: Final = {status.value: f"HTTP/1.1 {status.value} {status.phrase}\r\n" for status in HTTPStatus}
_BODILESS: Final = (204, 304)


def respond(answer: Json | Empty | Content | Rejected, request_id: str) -> "WholeResponse":
    """The response for an answer that has a whole body."""
    match answer:
        case Json():
            return WholeResponse(answer.status, encode_json(answer.content), JSON, answer.headers, request_id)
        case Empty():
            return WholeResponse(answer.status, b"", None, answer.headers, request_id)
        case Content():
            return WholeResponse(answer.status, answer.body, answer.content_type, answer.headers, request_id)
        case Rejected():
            status = status_of(answer)
            return WholeResponse(status, envelope(answer), JSON, headers_of(answer, status), request_id)


def stream_headers(request_id: str, content_type: str) -> CIMultiDict[str]:
    """The headers of a response that is sent bit by bit."""
    return CIMultiDict((*_ALWAYS, ("X-Request-Id", request_id), ("Content-Type", content_type)))


class WholeResponse(StreamResponse):
    """A response that the server loop can finish like its own: `prepare` nothing, `write_eof` everything."""

    def __init__(
        self, status: int, body: bytes, content_type: str | None, extra: Mapping[str, str] | None, request_id: str
    ) -> None:
        """Raises `ValueError` for a line break in a header: it would begin another one."""
        self._status = status  # the base class's own preparation is what is being saved here
        self._content = body
        self._request: BaseRequest | None = None
        lines = f"X-Request-Id: {request_id}\r\n"
        if content_type is not None:
            lines += f"Content-Type: {content_type}\r\n"
        if extra:
            lines += _lines(extra)
        self._lines = lines

    async def prepare(self, request: BaseRequest) -> AbstractStreamWriter | None:
        self._request = request
        if self._keep_alive is None:
            self._keep_alive = request.keep_alive
        return None

    async def write_eof(self, data: bytes = b"") -> None:
        request = self._request
        if request is None or request.transport is None:
            raise ConnectionResetError("expected a client, but it hung up")
        body = b"" if request.method == "HEAD" else self._content
        request.transport.write(self._head(request) + body)
        await request.writer.drain()

    def _head(self, request: BaseRequest) -> bytes:
        lines = self._lines
        if self._status not in _BODILESS:
            lines += f"Content-Length: {len(self._content)}\r\n"
        if not self._keep_alive:
            lines += "Connection: close\r\n"
        elif request.version == HttpVersion10:
            lines += "Connection: keep-alive\r\n"
        return f"{_STATUS_LINES[self._status]}{_FIXED}Date: {_dates.now()}\r\n{lines}\r\n".encode()


class _Dates:
    """The Date header, formatted once a second."""

    def __init__(self) -> None:
        self._second = 0
        self._text = ""

    def now(self) -> str:
        second = int(time.time())
        if second != self._second:
            self._second, self._text = second, formatdate(second, usegmt=True)
        return self._text


_dates = _Dates()


def _lines(headers: Mapping[str, str]) -> str:
    if any("\r" in part or "\n" in part for pair in headers.items() for part in pair):
        raise ValueError("expected headers without line breaks, but there is one")
    return "".join(f"{name}: {value}\r\n" for name, value in headers.items())
