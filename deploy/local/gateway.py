"""One address in front of the four services: a small streaming reverse proxy over deploy/routes.yaml.

    python -m deploy.local.gateway PORT catalog=http://127.0.0.1:7001 engine=http://127.0.0.1:7002,http://…

A process of its own. Replicas of a service take turns; one that does not listen is passed over. Long polls and event
streams pass through as they come; a client that goes away ends the request
behind it. What the gateway itself refuses is in the API's error envelope.
"""

import asyncio
import contextlib
import io
import signal
import sys
from collections.abc import Iterable, Mapping, Sequence
from itertools import cycle

import aiohttp
import uvloop
from aiohttp import web
from aiohttp.web_protocol import RequestHandler
from multidict import CIMultiDict
from yarl import URL

from deploy.local.routes import RoutingTable, load_routes
from libs.contracts.codec import dump_json

LARGEST_BODY_BYTES = 4 * 1024 * 1024  # far above the services' own limits: they say which field is too large
_BODY_SECONDS = 30.0
_CONNECT_SECONDS = 2.0
_IDLE_SECONDS = 10.0  # shorter than the services keep a connection, so that none is used just as it closes
_SMALL_ANSWER_BYTES = 64 * 1024
_DRAIN_SECONDS = 2.0
_LONGEST_REASON = 200
_HOP_BY_HOP = frozenset(
    "connection keep-alive proxy-authenticate proxy-authorization proxy-connection "
    "te trailer transfer-encoding upgrade".split()
)
_OURS = frozenset("host content-length expect x-forwarded-for x-forwarded-host x-forwarded-proto".split())


class _TooLarge(Exception):
    """The body is past the gateway's limit."""


class Gateway:
    """Answers every request of one listening socket. `targets` maps a service to the base URLs of its replicas."""

    def __init__(
        self, table: RoutingTable, targets: Mapping[str, Sequence[str]], client: aiohttp.ClientSession
    ) -> None:
        self._table = table
        self._replicas = {service: len(urls) for service, urls in targets.items()}
        self._turns = {service: cycle(urls) for service, urls in targets.items()}
        self._client = client

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        path = request.raw_path.partition("?")[0]
        if path == "/healthz":
            return web.Response(text="ok")
        service = self._table.service_for(request.method, path)
        if service is None:
            return refusal(404, "not_found", f"expected a path that deploy/routes.yaml names, but {path} is none")
        try:
            async with asyncio.timeout(_BODY_SECONDS):
                body = await _read_body(request)
        except _TooLarge:
            return refusal(
                413, "payload_too_large", f"expected a body of at most {LARGEST_BODY_BYTES} bytes, but it has more"
            )
        except TimeoutError:
            return refusal(
                408, "request_timeout", f"expected the whole body within {_BODY_SECONDS:g} s, but it is slow"
            )
        return await self._forward(request, service, body)

    async def _forward(self, request: web.BaseRequest, service: str, body: bytes | None) -> web.StreamResponse:
        for _ in range(self._replicas[service]):
            with contextlib.suppress(aiohttp.ClientConnectorError):
                return await self._ask(request, service, next(self._turns[service]), body)
        return refusal(503, "unavailable", f"expected the service {service} to answer, but it does not listen")

    async def _ask(
        self, request: web.BaseRequest, service: str, replica: str, body: bytes | None
    ) -> web.StreamResponse:
        """Raises ClientConnectorError when not a byte was sent, so that another replica can be asked."""
        url = URL(replica + request.raw_path, encoded=True)
        headers = _sent_on(request)
        answer: web.StreamResponse | None = None
        try:
            asked = self._client.request(
                request.method, url, headers=headers, data=_as_payload(body), allow_redirects=False
            )
            async with asked as behind:
                answer = _head(behind)
                return await _pass_on(request, behind, answer)
        except aiohttp.ClientConnectorError:
            raise
        except (aiohttp.ClientError, TimeoutError) as error:
            if answer is not None and answer.prepared:
                raise  # the client has half an answer: cut the connection, so that it knows
            reason = type(error).__name__
            return refusal(502, "unavailable", f"expected the service {service} to answer, but it broke off: {reason}")


async def _read_body(request: web.BaseRequest) -> bytes | None:
    if not request.body_exists:
        return None
    if (request.content_length or 0) > LARGEST_BODY_BYTES:
        raise _TooLarge
    body = bytearray()
    async for part in request.content.iter_any():
        body += part
        if len(body) > LARGEST_BODY_BYTES:
            raise _TooLarge
    return bytes(body)


def _as_payload(body: bytes | None) -> bytes | io.BytesIO | None:
    """Large bodies are sent piece by piece, so that one of them does not hold up everybody else."""
    return io.BytesIO(body) if body is not None and len(body) > _SMALL_ANSWER_BYTES else body


def _sent_on(request: web.BaseRequest) -> CIMultiDict[str]:
    named = {name.strip().lower() for name in request.headers.get("Connection", "").split(",")}
    left_out = _HOP_BY_HOP | _OURS | named
    headers = CIMultiDict((name, value) for name, value in request.headers.items() if name.lower() not in left_out)
    before = request.headers.get("X-Forwarded-For")
    headers["X-Forwarded-For"] = f"{before}, {request.remote}" if before else str(request.remote)
    headers["X-Forwarded-Host"] = request.host
    headers["X-Forwarded-Proto"] = "http"
    return headers


def _head(behind: aiohttp.ClientResponse) -> web.StreamResponse:
    named = {name.strip().lower() for name in behind.headers.get("Connection", "").split(",")}
    left_out = _HOP_BY_HOP | named
    headers = CIMultiDict((name, value) for name, value in behind.headers.items() if name.lower() not in left_out)
    return web.StreamResponse(status=behind.status, reason=behind.reason, headers=headers)


async def _pass_on(
    request: web.BaseRequest, behind: aiohttp.ClientResponse, answer: web.StreamResponse
) -> web.StreamResponse:
    if _is_small(behind):
        whole = await behind.read()
        answer.headers.popall("Content-Length", None)
        return web.Response(status=answer.status, reason=answer.reason, headers=answer.headers, body=whole)
    await answer.prepare(request)
    async for part in behind.content.iter_any():
        await answer.write(part)
    await answer.write_eof()
    return answer


def _is_small(behind: aiohttp.ClientResponse) -> bool:
    return behind.content_length is not None and behind.content_length <= _SMALL_ANSWER_BYTES


def refusal(status: int, code: str, message: str) -> web.Response:
    """The API's error envelope, as the services say it."""
    body = dump_json({"error": {"code": code, "message": message, "details": {}}})
    return web.Response(status=status, body=body, content_type="application/json")


class _Connection(RequestHandler):
    """Bodies pass through as they are encoded, and what is not HTTP is refused in the envelope too."""

    def handle_error(
        self, request: web.BaseRequest, status: int = 500, exc: BaseException | None = None, message: str | None = None
    ) -> web.StreamResponse:
        if status >= web.HTTPInternalServerError.status_code:
            super().handle_error(request, status, exc, message)  # logs, and cuts off what has half an answer
            answer = refusal(500, "internal", "expected to pass the request on, but something broke here")
        else:
            reason = " ".join((message or "it is not").split())[:_LONGEST_REASON]
            answer = refusal(400, "invalid_argument", f"expected a request of HTTP/1.1, but {reason}")
        answer.force_close()
        return answer


class _Server(web.Server):
    def __call__(self) -> RequestHandler:
        return _Connection(self, loop=self._loop, access_log=None, auto_decompress=False)  # type: ignore[arg-type]


async def serve(port: int, targets: Mapping[str, Sequence[str]], stopped: asyncio.Event) -> None:
    """Serves on 127.0.0.1 until `stopped` is set."""
    timeout = aiohttp.ClientTimeout(total=None, sock_connect=_CONNECT_SECONDS)
    connector = aiohttp.TCPConnector(limit=0, keepalive_timeout=_IDLE_SECONDS)
    async with aiohttp.ClientSession(
        connector=connector,
        timeout=timeout,
        auto_decompress=False,
        cookie_jar=aiohttp.DummyCookieJar(),
        skip_auto_headers=["User-Agent", "Accept", "Accept-Encoding", "Content-Type"],
    ) as client:
        gateway = Gateway(RoutingTable(load_routes()), targets, client)
        server = _Server(gateway.answer, handler_cancellation=True)
        runner = web.ServerRunner(server, shutdown_timeout=_DRAIN_SECONDS)
        await runner.setup()
        await web.TCPSite(runner, "127.0.0.1", port).start()
        await stopped.wait()
        await runner.cleanup()


async def _main(port: int, targets: Mapping[str, Sequence[str]]) -> None:
    stopped = asyncio.Event()
    loop = asyncio.get_running_loop()
    for signal_number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(signal_number, stopped.set)
    await serve(port, targets, stopped)


def _parse_targets(arguments: Iterable[str]) -> dict[str, list[str]]:
    pairs = (argument.partition("=") for argument in arguments)
    return {service: urls.split(",") for service, _, urls in pairs}


if __name__ == "__main__":
    uvloop.run(_main(int(sys.argv[1]), _parse_targets(sys.argv[2:])))
