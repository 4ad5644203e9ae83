"""What strikes: a plan drawn from a seed, and how each kind of fault is carried out and taken back."""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Mapping
from dataclasses import dataclass

from tests.chaos.storm.installation import Installation, Proxies
from tests.chaos.storm.victims import VICTIMS, Victims
from tests.doubles.postgres_wire import commits
from tests.doubles.tcp_proxy import Moment, TcpProxy

PROCESS_KINDS = ("kill -9", "pause", "restart")
PROXY_KINDS = ("cut", "cut before the request", "cut before the answer", "slow", "silence")
PROXIES = ("postgres", "kafka", "workers")
LONG_PAUSE_SECONDS = (11.0, 14.0)
"""Past every lease (4 s) and session (10 s)."""
SHORT_PAUSE_SECONDS = (0.5, 3.0)
_STRUCK_SECONDS = 5.0
_WEIGHTS = {"engine": 2.0, "engine-2": 2.0, "dispatcher": 2.0, "dispatcher-2": 2.0, "catalog": 0.5, "gateway": 0.5}
"""How often a process is struck, against 1 for all others."""


@dataclass(frozen=True, slots=True)
class Fault:
    """`what` happens to `whom` for `seconds` (0: at once)."""

    what: str
    whom: str
    seconds: float

    def __str__(self) -> str:
        lasting = f" for {self.seconds:.1f} s" if self.seconds else ""
        return f"{self.what} {self.whom}{lasting}"


def plan(rng: random.Random) -> Iterator[tuple[float, Fault]]:
    """For ever: the pause before the next fault (seconds), and the fault."""
    while True:
        yield rng.uniform(0.3, 2.5), draw(rng)


def draw(rng: random.Random) -> Fault:
    """Half of the faults strike processes, half connections."""
    if rng.random() < 0.55:
        weights = [_WEIGHTS.get(name, 1.0) for name in VICTIMS]
        [whom] = rng.choices(VICTIMS, weights)
        what = rng.choice(PROCESS_KINDS)
        return Fault(what, whom, _length(rng) if what == "pause" else 0.0)
    what, whom = rng.choices(PROXY_KINDS, [3, 3, 3, 1, 1])[0], rng.choice(PROXIES)
    return Fault(what, f"connections to {whom}", _length(rng) if what in ("slow", "silence") else 0.0)


def _length(rng: random.Random) -> float:
    return rng.uniform(*(LONG_PAUSE_SECONDS if rng.random() < 0.3 else SHORT_PAUSE_SECONDS))


class Striker:
    """Carries faults out. One that would strike what is struck already is left out."""

    def __init__(self, installation: Installation) -> None:
        self._victims = Victims(installation)
        self._proxies = installation.proxies
        self._struck: set[str] = set()
        self._kinds: Mapping[str, Callable[[Fault], Awaitable[None]]] = {
            "kill -9": lambda fault: self._victims.kill(fault.whom),
            "restart": lambda fault: self._victims.restart(fault.whom),
            "pause": self._pause,
            "cut": self._cut,
            "cut before the request": lambda fault: self._cut_at(fault, Moment.BEFORE_REQUEST),
            "cut before the answer": lambda fault: self._cut_at(fault, Moment.BEFORE_ANSWER),
            "slow": self._slow,
            "silence": self._silence,
        }

    def takes(self, fault: Fault) -> bool:
        return fault.whom not in self._struck

    async def strike(self, fault: Fault) -> None:
        """Returns when the fault is over and what was struck is there again."""
        self._struck.add(fault.whom)
        try:
            await self._kinds[fault.what](fault)
        finally:
            self._struck.discard(fault.whom)

    async def calm(self) -> None:
        """Nothing strikes any more; returns when every process is ready."""
        for proxy in (self._proxies.postgres, self._proxies.kafka, self._proxies.workers):
            proxy.delay_ms = 0.0
            proxy.resume()
        await self._victims.all_ready()

    async def _pause(self, fault: Fault) -> None:
        pids = self._victims.pause(fault.whom)
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            self._victims.go_on(pids)

    async def _cut(self, fault: Fault) -> None:
        self._proxy(fault).cut()

    async def _cut_at(self, fault: Fault, moment: Moment) -> None:
        proxy = self._proxy(fault)
        struck = proxy.arm(moment, commits) if proxy is self._proxies.postgres else proxy.arm(moment)
        await asyncio.wait({struck}, timeout=_STRUCK_SECONDS)
        struck.cancel()

    async def _slow(self, fault: Fault) -> None:
        proxy = self._proxy(fault)
        proxy.delay_ms = 60.0
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            proxy.delay_ms = 0.0

    async def _silence(self, fault: Fault) -> None:
        proxy = self._proxy(fault)
        proxy.pause()
        try:
            await asyncio.sleep(fault.seconds)
        finally:
            proxy.resume()

    def _proxy(self, fault: Fault) -> TcpProxy:
        return _by_name(self._proxies)[fault.whom.rpartition(" ")[2]]


def _by_name(proxies: Proxies) -> dict[str, TcpProxy]:
    return {"postgres": proxies.postgres, "kafka": proxies.kafka, "workers": proxies.workers}
