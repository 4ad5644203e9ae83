"""The guard at a real loopback server: nothing gets through by default, all of it does where loopback is allowed."""

import asyncio
import socket

import aiohttp
import pytest
from aiohttp.abc import AbstractResolver, ResolveResult

from libs.contracts.signing import new_signing_secret
from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.outcome import Delivery, Fault, Outcome
from services.dispatcher.delivery.sender import Sender
from services.dispatcher.delivery.target_guard import GuardedResolver, TargetDenied, guarded_connector
from tests.integration.delivery.conftest import LOOPBACK, Receiver
from tests.integration.delivery.wire_servers import read_request, serving

SPELLINGS = """
127.0.0.1 127.1 127.0.1 2130706433 017700000001 0177.0.0.1 0x7f000001 0x7f.0.0.1 127.0.0.1. localhost
[::ffff:127.0.0.1] [::ffff:7f00:1]
""".split()
SECRET = new_signing_secret(bytes(32))


async def _post(sender: Sender, url: str) -> Outcome:
    return await sender.post(Delivery(url, b"{}", (SECRET,), "dlv_1"))


@pytest.mark.parametrize("host", SPELLINGS)
async def test_no_spelling_of_loopback_gets_through_by_default(
    receiver: Receiver, strict_sender: Sender, host: str
) -> None:
    outcome = await _post(strict_sender, f"http://{host}:{receiver.port}/")
    assert (outcome.fault, outcome.bytes_sent) == (Fault.TARGET_DENIED, False)
    assert receiver.received == []


@pytest.mark.parametrize("host", SPELLINGS)
async def test_every_spelling_gets_through_where_loopback_is_allowed(
    receiver: Receiver, sender: Sender, host: str
) -> None:
    outcome = await _post(sender, f"http://{host}:{receiver.port}/")
    assert (outcome.fault_text, outcome.status) == ("", 200)
    assert len(receiver.received) == 1


@pytest.mark.parametrize("host", SPELLINGS)
async def test_the_connector_alone_stops_every_spelling(receiver: Receiver, host: str) -> None:
    """Without the check of the URL before it: this is what holds when a name or a parser deceives."""
    connector = guarded_connector(TargetPolicy(), DeliveryLimits(), keep_open=False)
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises((aiohttp.ClientConnectorError, aiohttp.InvalidURL), match=r"may send to|canonical"):
            await session.post(f"http://{host}:{receiver.port}/")
    assert receiver.received == []


class _Answers(AbstractResolver):
    """A name server that gives these answers, one list per question, the last one for ever."""

    def __init__(self, *answers: list[str]) -> None:
        self._answers = list(answers)

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_INET
    ) -> list[ResolveResult]:
        addresses = self._answers.pop(0) if len(self._answers) > 1 else self._answers[0]
        return [
            ResolveResult(hostname=host, host=address, port=port, family=socket.AF_INET, proto=0, flags=0)
            for address in addresses
        ]

    async def close(self) -> None:
        return None


@pytest.mark.parametrize(
    "answers", [["127.0.0.1"], ["8.8.8.8", "10.0.0.1"], ["169.254.169.254", "8.8.8.8"], ["::1", "8.8.8.8"]]
)
async def test_a_name_with_any_internal_answer_is_denied(answers: list[str]) -> None:
    with pytest.raises(TargetDenied):
        await GuardedResolver(TargetPolicy(), _Answers(answers)).resolve("rebind.example", 80)


async def test_a_name_with_public_answers_only_is_resolved() -> None:
    found = await GuardedResolver(TargetPolicy(), _Answers(["8.8.8.8", "1.1.1.1"])).resolve("public.example", 80)
    assert [answer["host"] for answer in found] == ["8.8.8.8", "1.1.1.1"]


async def test_a_name_that_changes_its_answer_is_stopped_at_the_socket(receiver: Receiver) -> None:
    """Rebinding: the guarded question gets a public answer, a later one loopback; the socket is checked by itself."""
    connector = guarded_connector(TargetPolicy(), DeliveryLimits(), keep_open=False)
    connector._resolver = _Answers(["127.0.0.1"])
    async with aiohttp.ClientSession(connector=connector) as session:
        with pytest.raises(aiohttp.ClientConnectorError, match="loopback"):
            await session.post(f"http://public.example:{receiver.port}/")
    assert receiver.received == []


async def test_an_allowed_network_opens_no_other(sender: Sender) -> None:
    for host in ("10.0.0.1", "169.254.169.254", "[fd00:ec2::254]", "[64:ff9b::7f00:1]", "0.0.0.0"):
        outcome = await _post(sender, f"http://{host}/")
        assert outcome.fault is Fault.TARGET_DENIED
        assert "may send to" in outcome.fault_text


async def test_an_unfit_url_is_denied_with_its_sentence(sender: Sender) -> None:
    outcome = await _post(sender, "ftp://127.0.0.1/")
    assert (outcome.fault, outcome.fault_text) == (
        Fault.TARGET_DENIED,
        "expected the scheme http or https, but it is ftp",
    )


async def test_ipv6_loopback_follows_the_same_rule() -> None:
    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        await read_request(reader)
        writer.write(b"HTTP/1.1 204 No Content\r\n\r\n")
        await writer.drain()

    async with serving(answer, "::1") as port, Sender(LOOPBACK) as allowed, Sender(TargetPolicy()) as strict:
        assert (await _post(allowed, f"http://[::1]:{port}/")).status == 204
        assert (await _post(strict, f"http://[::1]:{port}/")).fault is Fault.TARGET_DENIED
