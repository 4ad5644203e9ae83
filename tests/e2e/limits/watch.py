"""Looks on while something is away: what readiness says, and how much memory the services take."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress
from dataclasses import dataclass, field

import aiohttp
import psutil

from libs.contracts.codec import parse_json
from libs.contracts.topics import SERVICES
from tests.e2e.limits.strained import Strained

LOOK_EVERY_SECONDS = 0.2
GREEN_WITHIN_SECONDS = 60
MOST_GROWTH_BYTES = 160 * 1024 * 1024


@dataclass
class Watch:
    """`reasons` is everything that a service gave as a reason for not being ready, by service."""

    installation: Strained
    pids: dict[str, int]
    reasons: dict[str, list[str]] = field(default_factory=lambda: {name: [] for name in SERVICES})
    smallest: dict[str, int] = field(default_factory=dict)
    largest: dict[str, int] = field(default_factory=dict)

    async def look(self) -> bool:
        """Whether everybody is ready."""
        answers = [await self._reasons(name) for name in SERVICES]
        for name, reasons in zip(SERVICES, answers, strict=True):
            self.reasons[name] += reasons
            size = psutil.Process(self.pids[name]).memory_info().rss
            self.smallest[name] = min(size, self.smallest.get(name, size))
            self.largest[name] = max(size, self.largest.get(name, size))
        return not any(answers)

    def said(self, service: str, part: str) -> bool:
        """Whether one of the service's reasons had this in it."""
        return any(part in reason for reason in self.reasons[service])

    async def until_said(self, service: str, part: str) -> None:
        """Waits until readiness is red for this reason."""
        async with asyncio.timeout(GREEN_WITHIN_SECONDS):
            while not self.said(service, part):
                await asyncio.sleep(LOOK_EVERY_SECONDS)

    async def until_green(self) -> None:
        """Waits until everybody is ready, as the processes that they were before."""
        async with asyncio.timeout(GREEN_WITHIN_SECONDS):
            while not await self.look():
                await asyncio.sleep(LOOK_EVERY_SECONDS)
        assert {name: self.installation.stack.pid(name) for name in SERVICES} == self.pids

    async def number(self, service: str, name: str) -> float:
        """One of the service's metrics, 0 where it has not been counted yet; `name` with its labels."""
        url = f"{self.installation.stack.service_url(service)}/metrics"
        async with self.installation.client.get(url) as answer:
            lines = (await answer.text()).splitlines()
        return next((float(line.rpartition(" ")[2]) for line in lines if line.rpartition(" ")[0] == name), 0.0)

    async def until_number(self, service: str, name: str, value: float) -> None:
        """Waits until a metric is so."""
        async with asyncio.timeout(GREEN_WITHIN_SECONDS):
            while await self.number(service, name) != value:
                await asyncio.sleep(LOOK_EVERY_SECONDS)

    def check_memory(self) -> None:
        """Nobody has grown by more than what the limits allow."""
        growth = {name: self.largest[name] - self.smallest[name] for name in SERVICES}
        assert max(growth.values()) < MOST_GROWTH_BYTES, growth

    async def _reasons(self, service: str) -> list[str]:
        url = f"{self.installation.stack.service_url(service)}/readyz"
        async with self.installation.client.get(url, timeout=aiohttp.ClientTimeout(total=10)) as answer:
            body = parse_json(await answer.read())
            assert isinstance(body, dict)
            reasons = body.get("reasons", [])
            assert isinstance(reasons, list)
            assert (answer.status == 200) == (not reasons)
            return [str(reason) for reason in reasons]


@asynccontextmanager
async def watching(installation: Strained) -> AsyncIterator[Watch]:
    """Looks again and again until the end of the block."""
    watch = Watch(installation, {name: installation.stack.pid(name) for name in SERVICES})
    await watch.until_green()

    async def keep_looking() -> None:
        while True:
            await watch.look()
            await asyncio.sleep(LOOK_EVERY_SECONDS)

    looking = asyncio.create_task(keep_looking())
    try:
        yield watch
        if looking.done():
            looking.result()
    finally:
        looking.cancel()
        with suppress(asyncio.CancelledError):
            await looking
