"""What really leaves and what really comes back, against servers on loopback."""

import asyncio
import gzip
from datetime import timedelta

import pytest
from aiohttp import web
from deepnoodle.mobius.webhook import verify_webhook_signature
from standardwebhooks.webhooks import Webhook

from libs.contracts.codec import parse_json
from libs.contracts.signing import new_signing_secret
from services.dispatcher.delivery.envelope import Invocation, encode_body
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.outcome import Delivery, Fault
from services.dispatcher.delivery.sender import Sender
from tests.doubles.clock import FakeClock
from tests.integration.delivery.conftest import LOOPBACK, Receiver
from tests.integration.delivery.wire_servers import read_request, serving

SECRET = new_signing_secret(bytes(range(32)))
OLD_SECRET = new_signing_secret(bytes(32))
TRACEPARENT = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


def _delivery(url: str, *, may_repeat: bool = False, timeout: timedelta | None = None) -> Delivery:
    body = encode_body(Invocation("run_1", "summarize", {"n": 2**53 + 1}, "default", "act", "job_1", 1, "dlv_1"))
    headers = {"traceparent": TRACEPARENT}
    return Delivery(url, body, (SECRET, OLD_SECRET), "dlv_1", may_repeat, headers, timeout)


async def test_the_body_arrives_byte_for_byte_under_valid_signatures(receiver: Receiver, sender: Sender) -> None:
    delivery = _delivery(receiver.url)
    outcome = await sender.post(delivery)
    assert (outcome.status, outcome.fault, outcome.bytes_sent) == (200, None, True)
    (received,) = receiver.received
    assert received.body == delivery.body
    verify_webhook_signature(SECRET, received.body, received.headers["x-mobius-signature"])
    Webhook(SECRET).verify(received.body, received.headers)
    Webhook(OLD_SECRET).verify(received.body, received.headers)


async def test_the_body_says_what_a_receiver_acts_on(receiver: Receiver, sender: Sender) -> None:
    await sender.post(_delivery(receiver.url))
    assert parse_json(receiver.received[0].body) == {
        "run_id": "run_1",
        "step_key": "summarize",
        "parameters": {"n": 9007199254740993},
        "project": "default",
        "action": "act",
        "job_id": "job_1",
        "attempt": 1,
        "delivery_id": "dlv_1",
        "dry_run": False,
    }


async def test_the_head_carries_the_trace_and_nothing_that_invites_surprises(
    receiver: Receiver, sender: Sender
) -> None:
    await sender.post(_delivery(receiver.url))
    headers = receiver.received[0].headers
    assert headers["traceparent"] == TRACEPARENT
    assert headers["accept-encoding"] == "identity"
    assert headers["content-type"] == "application/json"
    assert headers["content-length"] == str(len(receiver.received[0].body))
    assert not {"cookie", "authorization", "transfer-encoding", "expect"} & headers.keys()


async def test_retries_keep_the_id_and_take_a_new_timestamp(receiver: Receiver) -> None:
    clock = FakeClock()
    async with Sender(LOOPBACK, clock=clock) as sender:
        await sender.post(_delivery(receiver.url))
        clock.advance(timedelta(seconds=7))
        await sender.post(_delivery(receiver.url))
    first, second = (received.headers for received in receiver.received)
    assert first["webhook-id"] == second["webhook-id"] == "dlv_1"
    assert int(second["webhook-timestamp"]) - int(first["webhook-timestamp"]) == 7
    assert first["webhook-signature"] != second["webhook-signature"]


async def test_path_and_query_arrive_as_registered(receiver: Receiver, sender: Sender) -> None:
    await sender.post(_delivery(f"http://127.0.0.1:{receiver.port}/a%2Fb/?x=%20+&y=a/b"))
    await sender.post(_delivery(f"http://127.0.0.1:{receiver.port}"))
    assert [received.path for received in receiver.received] == ["/a%2Fb/?x=%20+&y=a/b", "/"]


async def test_a_redirect_is_answered_and_never_followed(receiver: Receiver, sender: Sender) -> None:
    async def elsewhere(request: web.Request) -> web.StreamResponse:
        return web.Response(status=307, headers={"Location": f"http://127.0.0.1:{receiver.port}/other"})

    receiver.answer = elsewhere
    assert (await sender.post(_delivery(receiver.url))).status == 307
    assert [received.path for received in receiver.received] == ["/hook"]


async def test_cookies_are_not_kept(receiver: Receiver, sender: Sender) -> None:
    async def cookie(request: web.Request) -> web.StreamResponse:
        return web.Response(headers={"Set-Cookie": "a=b; Path=/"})

    receiver.answer = cookie
    for _ in range(2):
        await sender.post(_delivery(receiver.url, may_repeat=True))
    assert "cookie" not in receiver.received[1].headers


async def test_a_proxy_in_the_environment_is_ignored(
    receiver: Receiver, sender: Sender, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy", "ALL_PROXY"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    assert (await sender.post(_delivery(receiver.url))).status == 200


async def test_an_answer_over_the_limit_is_cut_off(receiver: Receiver) -> None:
    async def endless(request: web.Request) -> web.StreamResponse:
        response = web.StreamResponse()
        await response.prepare(request)
        try:
            while True:
                await response.write(b"x" * 65_536)
        except ConnectionError:
            return response

    receiver.answer = endless
    async with Sender(LOOPBACK, DeliveryLimits(response_bytes=100_000)) as sender:
        outcome = await sender.post(_delivery(receiver.url))
    assert (outcome.status, outcome.fault, len(outcome.body)) == (200, Fault.TOO_LARGE, 100_000)


async def test_an_answer_of_one_byte_more_than_the_limit_is_cut_off(receiver: Receiver) -> None:
    async def more(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"1" * 1_001)

    receiver.answer = more
    async with Sender(LOOPBACK, DeliveryLimits(response_bytes=1_000)) as sender:
        outcome = await sender.post(_delivery(receiver.url))
    assert (outcome.fault, len(outcome.body)) == (Fault.TOO_LARGE, 1_000)


async def test_an_answer_of_just_the_limit_is_whole(receiver: Receiver) -> None:
    async def full(request: web.Request) -> web.StreamResponse:
        return web.Response(body=b"1" * 1_000)

    receiver.answer = full
    async with Sender(LOOPBACK, DeliveryLimits(response_bytes=1_000)) as sender:
        outcome = await sender.post(_delivery(receiver.url))
    assert (outcome.fault, len(outcome.body)) == (None, 1_000)


async def test_a_compressed_answer_is_not_unpacked(receiver: Receiver, sender: Sender) -> None:
    bomb = gzip.compress(b"0" * 50_000_000)

    async def packed(request: web.Request) -> web.StreamResponse:
        return web.Response(body=bomb, headers={"Content-Encoding": "gzip"})

    receiver.answer = packed
    outcome = await sender.post(_delivery(receiver.url))
    assert outcome.encoded
    assert outcome.body == bomb


async def test_retry_after_is_read(receiver: Receiver, sender: Sender) -> None:
    async def later(request: web.Request) -> web.StreamResponse:
        return web.Response(status=429, headers={"Retry-After": "17"})

    receiver.answer = later
    assert (await sender.post(_delivery(receiver.url))).retry_after == timedelta(seconds=17)


async def test_nobody_listening_is_a_failure_before_any_byte(sender: Sender, unused_port: int) -> None:
    outcome = await sender.post(_delivery(f"http://127.0.0.1:{unused_port}/"))
    assert (outcome.fault, outcome.bytes_sent, outcome.status) == (Fault.NOT_CONNECTED, False, None)


async def test_an_unknown_name_is_a_failure_before_any_byte(sender: Sender) -> None:
    outcome = await sender.post(_delivery("http://nothing-here.invalid/"))
    assert (outcome.fault, outcome.bytes_sent) == (Fault.NOT_RESOLVED, False)


async def test_plain_text_where_tls_is_expected_is_a_failure_before_any_byte(
    receiver: Receiver, sender: Sender
) -> None:
    outcome = await sender.post(_delivery(f"https://127.0.0.1:{receiver.port}/"))
    assert outcome.fault in (Fault.TLS_FAILED, Fault.NOT_CONNECTED)
    assert not outcome.bytes_sent
    assert receiver.received == []


async def test_a_handshake_without_end_is_a_timeout_before_any_byte() -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await reader.read()

    limits = DeliveryLimits(connect_timeout=timedelta(seconds=0.2), total_timeout=timedelta(seconds=10))
    async with serving(silent) as port, Sender(LOOPBACK, limits) as sender:
        outcome = await sender.post(_delivery(f"https://127.0.0.1:{port}/"))
    assert (outcome.fault, outcome.bytes_sent) == (Fault.CONNECT_TIMEOUT, False)
    assert outcome.duration < limits.total_timeout / 2


async def test_silence_after_the_request_is_a_timeout_after_bytes(sender: Sender) -> None:
    async def silent(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        await reader.read()

    async with serving(silent) as port:
        async with asyncio.timeout(10):
            outcome = await sender.post(_delivery(f"http://127.0.0.1:{port}/", timeout=timedelta(seconds=0.2)))
    assert (outcome.fault, outcome.bytes_sent) == (Fault.TIMEOUT, True)
    assert timedelta(seconds=0.15) < outcome.duration < timedelta(seconds=5)


async def test_an_answer_that_trickles_for_ever_is_a_timeout(sender: Sender) -> None:
    async def trickle(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 100000\r\n\r\n")
        while not writer.is_closing():
            writer.write(b"1")
            await writer.drain()
            await asyncio.sleep(0.01)

    async with serving(trickle) as port:
        outcome = await sender.post(_delivery(f"http://127.0.0.1:{port}/", timeout=timedelta(seconds=0.3)))
    assert (outcome.fault, outcome.bytes_sent) == (Fault.TIMEOUT, True)


@pytest.mark.parametrize(
    "answer",
    [
        b"",
        b"HTTP/1.1 200 OK\r\nContent-Len",
        b"HTTP/1.1 200 OK\r\nContent-Length: 10\r\n\r\n1",
        b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\n1",
        b"SSH-2.0-OpenSSH_9.2\r\n",
        b"HTTP/1.1 200 OK\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n1",
        b"HTTP/1.1 200 OK\r\nX: " + b"x" * 100_000 + b"\r\n\r\n",
    ],
)
async def test_a_broken_answer_is_a_failure_after_bytes(sender: Sender, answer: bytes) -> None:
    async def broken(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(answer)
        await writer.drain()

    async with serving(broken) as port:
        outcome = await sender.post(_delivery(f"http://127.0.0.1:{port}/"))
    assert (outcome.fault, outcome.bytes_sent) == (Fault.CUT_OFF, True)


async def test_a_post_whose_connection_breaks_is_sent_exactly_once(sender: Sender) -> None:
    requests: list[bytes] = []

    async def hang_up(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        requests.append(await read_request(reader))

    async with serving(hang_up) as port:
        for may_repeat in (False, True):
            await sender.post(_delivery(f"http://127.0.0.1:{port}/", may_repeat=may_repeat))
    assert len(requests) == 2


@pytest.mark.parametrize(("may_repeat", "connections"), [(False, 3), (True, 1)])
async def test_only_what_may_be_repeated_shares_connections(sender: Sender, may_repeat: bool, connections: int) -> None:
    opened: list[int] = []

    async def keep_alive(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        opened.append(1)
        while not reader.at_eof():
            try:
                await read_request(reader)
            except asyncio.IncompleteReadError:
                return
            writer.write(b"HTTP/1.1 200 OK\r\nContent-Length: 4\r\n\r\nnull")

    async with serving(keep_alive) as port:
        for _ in range(3):
            outcome = await sender.post(_delivery(f"http://127.0.0.1:{port}/", may_repeat=may_repeat))
            assert (outcome.status, outcome.body) == (200, b"null")
    assert len(opened) == connections


async def test_concurrent_deliveries_do_not_mix_up_what_they_saw(
    receiver: Receiver, sender: Sender, unused_port: int
) -> None:
    urls = [receiver.url, f"http://127.0.0.1:{unused_port}/"] * 10
    outcomes = await asyncio.gather(*(sender.post(_delivery(url)) for url in urls))
    assert [outcome.bytes_sent for outcome in outcomes] == [True, False] * 10
