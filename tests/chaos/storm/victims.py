"""Strikes processes: kills them, pauses them, restarts them. Whoever kept them running starts them again."""

import asyncio
import os
import signal
from contextlib import suppress

import psutil

from deploy.local.readiness import StartFailed
from deploy.local.stack import LocalStack
from deploy.local.supervisor import Supervisor
from tests.chaos.storm.installation import WORKERS, Installation

SERVICES = ("catalog", "engine", "engine-2", "dispatcher", "dispatcher-2", "audit")
KEPT_BY_THE_STACK = (*SERVICES, "gateway")
SERVERS = ("kafka", "postgres")
_AGAIN_SECONDS = 1.0
VICTIMS = (*KEPT_BY_THE_STACK, *SERVERS, *WORKERS, "receiver")


class Victims:
    """The processes of one installation, by name."""

    def __init__(self, installation: Installation) -> None:
        self._stack = installation.stack
        self._others = installation.supervisor

    async def kill(self, name: str) -> None:
        """kill -9; returns when it is ready again."""
        keeper = self._keeper(name)
        await keeper.kill(name)
        await keeper.until_ready(name)

    async def restart(self, name: str) -> None:
        """Gently, as in a roll-out; returns when it is ready again. One that does not come up, because what it needs is
        struck too, is started again, as any orchestrator would."""
        while True:
            try:
                return await self._keeper(name).restart(name)
            except StartFailed:
                await asyncio.sleep(_AGAIN_SECONDS)

    def pause(self, name: str) -> list[int]:
        """Stops a process and its children in their tracks; answers the pids for `go_on`."""
        try:
            process = psutil.Process(self._keeper(name).pid(name))
            pids = [process.pid, *(child.pid for child in process.children(recursive=True))]
        except psutil.NoSuchProcess:
            return []
        _signal(pids, signal.SIGSTOP)
        return pids

    def go_on(self, pids: list[int]) -> None:
        _signal(pids, signal.SIGCONT)

    async def all_ready(self) -> None:
        for name in VICTIMS:
            await self._keeper(name).until_ready(name)

    def _keeper(self, name: str) -> LocalStack | Supervisor:
        return self._stack if name in KEPT_BY_THE_STACK else self._others


def _signal(pids: list[int], number: signal.Signals) -> None:
    for pid in pids:
        with suppress(ProcessLookupError):
            os.kill(pid, number)
