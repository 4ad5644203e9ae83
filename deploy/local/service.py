"""A service (or the gateway) as a part of the stack: a Python module with an address and a ready-check."""

import sys
from collections.abc import Mapping
from dataclasses import replace
from http import HTTPStatus
from pathlib import Path

import aiohttp

from deploy.local.children import Child, ChildSpec
from deploy.local.readiness import wait_until_ready

CHECKOUT = Path(__file__).resolve().parents[2]
_START_SECONDS = 60.0
_DRAIN_SECONDS = 25.0  # a little more than the services' own drain_seconds
_CHECK = aiohttp.ClientTimeout(total=5)


class ServicePart:
    """`python -m MODULE ARGUMENTS…` on `url`, ready when `url + ready_path` answers 200."""

    loses_data = False

    def __init__(self, name: str, url: str, ready_path: str, spec: ChildSpec) -> None:
        self.name = name
        self.url = url
        self.child: Child | None = None
        self._ready_url = url + ready_path
        self._spec = spec
        self._once: Mapping[str, str] = {}

    def tell_once(self, environment: Mapping[str, str]) -> None:
        """The next process gets these variables too; the one after it does not."""
        self._once = environment

    async def start(self) -> None:
        environment, self._once = {**self._spec.environment, **self._once}, {}
        self.child = Child(replace(self._spec, environment=environment))
        async with aiohttp.ClientSession(timeout=_CHECK) as client:
            await wait_until_ready(self.child, lambda: self._is_ready(client), _START_SECONDS)

    async def stop(self) -> None:
        if self.child is not None:
            await self.child.stop(_DRAIN_SECONDS)

    async def _is_ready(self, client: aiohttp.ClientSession) -> bool:
        try:
            async with client.get(self._ready_url) as answer:
                return answer.status == HTTPStatus.OK
        except (aiohttp.ClientError, TimeoutError, OSError):
            return False


def python_spec(name: str, module: list[str], environment: Mapping[str, str], log: Path) -> ChildSpec:
    """How to run a module of this checkout with exactly this environment."""
    return ChildSpec(name, [sys.executable, "-m", *module], environment, log, CHECKOUT)
