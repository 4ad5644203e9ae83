"""The gateway between a real client and a real server: what passes, what is refused, and that nothing is held back."""

import asyncio
import gzip
import io
from collections.abc import AsyncIterator
from dataclasses import dataclass, field

import aiohttp
import pytest
from aiohttp import web
from yarl import URL

from deploy.local.gateway import LARGEST_BODY_BYTES, serve
from deploy.local.readiness import accepts_connections, free_ports

JOBS = "/v1/projects/p/jobs"
RUNS = "/v1/projects/p/runs"


@dataclass
class Behind:
    """The dispatcher's stand-in. Each path of it shows one thing that a service may do."""

    heard: list[web.BaseRequest] = field(default_factory=list)
    go_on: asyncio.Event = field(default_factory=asyncio.Event)
    left: asyncio.Event = field(default_factory=asyncio.Event)

    async def answer(self, request: web.BaseRequest) -> web.StreamResponse:
        self.heard.append(request)
        if request.path.endswith("/events"):
            return await self._stream(request)
        if request.path.endswith("/long-poll"):
            return await self._long_poll()
        if request.path.endswith("/half"):
            return await self._break_off_halfway(request)
        if request.path.endswith("/break"):
            return await self._break_off(request)
        body = b"".join([part async for part in request.content.iter_any()])
        return web.Response(
            status=418, body=body, headers={"X-Kept": "yes", "Keep-Alive": "5", "Connection": "X-Gone", "X-Gone": "1"}
        )

    async def _stream(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse(headers={"Content-Type": "text/event-stream"})
        await response.prepare(request)
        await response.write(b"data: first\n\n")
        await self.go_on.wait()
        await response.write(b"data: last\n\n")
        return response

    async def _long_poll(self) -> web.StreamResponse:
        try:
            await asyncio.Event().wait()
        finally:
            self.left.set()
        raise AssertionError

    async def _break_off_halfway(self, request: web.BaseRequest) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        await response.write(b"first")
        await self.go_on.wait()
        return await self._break_off(request)

    async def _break_off(self, request: web.BaseRequest) -> web.StreamResponse:
        assert request.transport is not None
        request.transport.abort()
        return web.Response()


@dataclass
class Setup:
    url: str
    behind: Behind
    client: aiohttp.ClientSession


@pytest.fixture
async def gateway() -> AsyncIterator[Setup]:
    """A gateway whose engine does not listen, and whose dispatcher is the stand-in beside a replica that does not."""
    behind, stopped = Behind(), asyncio.Event()
    runner = web.ServerRunner(web.Server(behind.answer, handler_cancellation=True))
    await runner.setup()
    port, dispatcher, nobody = free_ports(3)
    await web.TCPSite(runner, "127.0.0.1", dispatcher).start()
    silent = f"http://127.0.0.1:{nobody}"
    targets = {"dispatcher": [silent, f"http://127.0.0.1:{dispatcher}"], "engine": [silent]}
    serving = asyncio.create_task(serve(port, targets, stopped))
    async with asyncio.timeout(10):
        while not serving.done() and not await accepts_connections("127.0.0.1", port):
            await asyncio.sleep(0)
    if serving.done():
        await serving
    async with aiohttp.ClientSession() as client:
        yield Setup(f"http://127.0.0.1:{port}", behind, client)
    stopped.set()
    await serving
    await runner.cleanup()


async def test_status_body_query_and_headers_pass_and_hop_by_hop_headers_do_not(gateway: Setup) -> None:
    headers = {"Authorization": "Bearer k", "Connection": "keep-alive, X-Mine", "X-Mine": "1", "TE": "trailers"}
    path = f"{JOBS}/a%2Fb?x=%20y&z"
    async with gateway.client.post(URL(gateway.url + path, encoded=True), data=b"\x00\xff", headers=headers) as answer:
        assert (answer.status, await answer.read()) == (418, b"\x00\xff")
        assert answer.headers["X-Kept"] == "yes"
        assert not {"Keep-Alive", "X-Gone"} & set(answer.headers)
    [heard] = gateway.behind.heard
    assert heard.raw_path == path
    assert heard.headers["Authorization"] == "Bearer k"
    assert heard.headers["X-Forwarded-For"] == "127.0.0.1"
    assert heard.headers["X-Forwarded-Host"] == gateway.url.removeprefix("http://")
    assert not {"X-Mine", "TE"} & set(heard.headers)


async def test_a_replica_that_does_not_listen_is_passed_over_with_the_whole_body(gateway: Setup) -> None:
    for number in range(4):
        body = f"number {number}".encode()
        async with gateway.client.post(gateway.url + JOBS, data=body) as answer:
            assert (answer.status, await answer.read()) == (418, body)
    assert len(gateway.behind.heard) == 4


async def test_an_event_reaches_the_client_before_the_stream_ends(gateway: Setup) -> None:
    async with gateway.client.get(gateway.url + JOBS + "/j/events") as answer:
        assert answer.content_type == "text/event-stream"
        assert await answer.content.readuntil(b"\n\n") == b"data: first\n\n"
        gateway.behind.go_on.set()
        assert await answer.content.read() == b"data: last\n\n"


async def test_a_client_that_goes_away_ends_the_long_poll_behind(gateway: Setup) -> None:
    asking = asyncio.create_task(gateway.client.post(gateway.url + JOBS + "/long-poll").__aenter__())
    async with asyncio.timeout(10):
        while not gateway.behind.heard:
            await asyncio.sleep(0)
        asking.cancel()
        await gateway.behind.left.wait()


async def test_a_service_that_does_not_listen_is_503_in_the_envelope(gateway: Setup) -> None:
    async with gateway.client.get(gateway.url + RUNS) as answer:
        assert answer.status == 503
        error = (await answer.json())["error"]
    assert error == {
        "code": "unavailable",
        "message": "expected the service engine to answer, but it does not listen",
        "details": {},
    }


async def test_a_service_that_breaks_off_is_502_in_the_envelope(gateway: Setup) -> None:
    async with gateway.client.post(gateway.url + JOBS + "/break") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (502, "unavailable")


async def test_a_service_that_breaks_off_halfway_cuts_the_client_off_at_once(gateway: Setup) -> None:
    async with asyncio.timeout(10), gateway.client.get(gateway.url + JOBS + "/half") as answer:
        assert await answer.content.readexactly(5) == b"first"
        gateway.behind.go_on.set()
        with pytest.raises(aiohttp.ClientPayloadError):
            await answer.content.read()


async def test_a_compressed_body_passes_as_it_is(gateway: Setup) -> None:
    body, headers = gzip.compress(b"whole"), {"Content-Encoding": "gzip"}
    async with gateway.client.post(gateway.url + JOBS, data=body, headers=headers) as answer:
        assert await answer.read() == b"whole"  # as the stand-in reads it


async def test_what_is_not_http_is_refused_in_the_envelope(gateway: Setup) -> None:
    async with gateway.client.get(gateway.url + JOBS, headers={"Authorization": "Bearer " + "x" * 20_000}) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (400, "invalid_argument")
    assert gateway.behind.heard == []


async def test_a_path_that_no_line_names_is_404_in_the_envelope(gateway: Setup) -> None:
    async with gateway.client.get(gateway.url + "/metrics") as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (404, "not_found")


async def test_the_largest_body_passes_whole(gateway: Setup) -> None:
    whole = b"0123456789abcdef" * (LARGEST_BODY_BYTES // 16)
    async with gateway.client.post(gateway.url + JOBS, data=io.BytesIO(whole)) as answer:
        assert await answer.read() == whole


@pytest.mark.parametrize("chunked", [False, True])
async def test_a_body_past_the_limit_is_413_and_never_reaches_the_service(gateway: Setup, chunked: bool) -> None:
    async def parts() -> AsyncIterator[bytes]:
        yield b"x" * LARGEST_BODY_BYTES
        yield b"x"

    body = parts() if chunked else io.BytesIO(b"x" * (LARGEST_BODY_BYTES + 1))
    async with gateway.client.post(gateway.url + JOBS, data=body) as answer:
        assert (answer.status, (await answer.json())["error"]["code"]) == (413, "payload_too_large")
    assert gateway.behind.heard == []
