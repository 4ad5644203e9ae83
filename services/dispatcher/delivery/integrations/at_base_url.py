"""What integrations have in common that talk to one place: its base URL, and a session for as long as they are open.

The base URL is the operator's setting and is trusted as such: it passes no target guard, so that a local stand-in or a
gateway inside the network can be named. Redirects are refused all the same, and no proxy is read from the environment.
"""

from ipaddress import ip_network
from typing import Final

import aiohttp

from libs.contracts.targets import TargetPolicy
from services.dispatcher.delivery.integrations.port import Integration
from services.dispatcher.delivery.limits import DeliveryLimits
from services.dispatcher.delivery.wire import open_session

_EVERYWHERE: Final = TargetPolicy((ip_network("0.0.0.0/0"), ip_network("::/0")))


class IntegrationAtBaseUrl(Integration):
    """`session` is there between `open` and `close`."""

    def __init__(self, base_url: str, limits: DeliveryLimits | None) -> None:
        self.base_url = base_url
        self.limits = limits or DeliveryLimits()
        self._session: aiohttp.ClientSession | None = None

    async def open(self) -> None:
        self._session = open_session(_EVERYWHERE, self.limits, keep_open=False)

    async def close(self) -> None:
        if self._session is not None:
            await self._session.close()

    @property
    def session(self) -> aiohttp.ClientSession:
        """RuntimeError before `open`."""
        if self._session is None:
            raise RuntimeError("expected an open integration, but it is closed")
        return self._session
