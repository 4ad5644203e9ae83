"""Nothing is connected that the target policy refuses: checked on every DNS answer, and on the address of every socket.

A resolver alone is not enough, because IP literals never reach it; the socket factory alone would let a name with one
public and one internal answer through by luck. Both hold the same policy, and neither follows redirects or proxies.
"""

import errno
import socket

import aiohttp
from aiohttp.abc import AbstractResolver, ResolveResult
from aiohttp.connector import AddrInfoType

from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.limits import DeliveryLimits


class TargetDenied(OSError):
    """The address must not be connected; the message says which it is and why."""

    def __init__(self, address: str, why: str) -> None:
        sentence = f"expected an address that this installation may send to, but {address} is {why}"
        super().__init__(errno.EACCES, sentence)
        self.sentence = sentence


class GuardedResolver(AbstractResolver):
    """Resolves by the system and denies a name as soon as one of its answers is denied."""

    def __init__(self, policy: TargetPolicy, inner: AbstractResolver) -> None:
        self._policy = policy
        self._inner = inner

    async def resolve(
        self, host: str, port: int = 0, family: socket.AddressFamily = socket.AF_UNSPEC
    ) -> list[ResolveResult]:
        answers = await self._inner.resolve(host, port, family)
        for answer in answers:
            _deny(self._policy, answer["host"])
        return answers

    async def close(self) -> None:
        await self._inner.close()


def guarded_connector(policy: TargetPolicy, limits: DeliveryLimits, *, keep_open: bool) -> aiohttp.TCPConnector:
    """Connections that passed the policy; `keep_open` ones serve several requests. Needs the running loop."""

    def guarded_socket(target: AddrInfoType) -> socket.socket:
        family, kind, protocol, _, address = target
        _deny(policy, str(address[0]))
        return socket.socket(family, kind, protocol)

    return aiohttp.TCPConnector(
        resolver=GuardedResolver(policy, aiohttp.ThreadedResolver()),
        socket_factory=guarded_socket,
        limit=limits.connections,
        limit_per_host=limits.connections_per_host,
        force_close=not keep_open,
        keepalive_timeout=limits.keepalive.total_seconds() if keep_open else None,
    )


def _deny(policy: TargetPolicy, address: str) -> None:
    why = policy.refusal_of_text(address)
    if why is not None:
        raise TargetDenied(address, why)
