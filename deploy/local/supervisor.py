"""Keeps parts running: a part that dies is named, with the last lines of its log, and started again with backoff."""

import asyncio
import contextlib
from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from deploy.local.children import Child, last_lines
from deploy.local.readiness import StartFailed

FIRST_PAUSE_SECONDS = 0.1
LONGEST_PAUSE_SECONDS = 5.0
_GOOD_RUN_SECONDS = 10.0  # who ran this long before it died is started again without delay


class Part(Protocol):
    """Something that runs as one child process. `start` returns when it is ready, or raises StartFailed."""

    @property
    def name(self) -> str: ...
    @property
    def child(self) -> Child | None: ...
    @property
    def loses_data(self) -> bool:
        """Whether starting it again would silently begin with nothing."""
        ...

    async def start(self) -> None: ...
    async def stop(self) -> None: ...


@dataclass
class _Watched:
    part: Part
    ready: asyncio.Event
    watcher: asyncio.Task[None] | None = None


class Supervisor:
    """Starts, watches and stops parts. `tell` gets the sentences for the person in front of it."""

    def __init__(self, tell: Callable[[str], None]) -> None:
        self._tell = tell
        self._watched: dict[str, _Watched] = {}

    async def start(self, *parts: Part) -> None:
        """Starts parts at the same time and watches them from then on. Raises the first failure, when all settled."""
        outcomes = await asyncio.gather(*(self._start(part) for part in parts), return_exceptions=True)
        for outcome in outcomes:
            if isinstance(outcome, BaseException):
                raise outcome

    async def _start(self, part: Part) -> None:
        watched = self._watched[part.name] = _Watched(part, asyncio.Event())
        await part.start()
        watched.ready.set()
        watched.watcher = asyncio.create_task(self._watch(watched), name=f"watch-{part.name}")

    def pid(self, name: str) -> int:
        """The process of a part, also while it is starting or just dead."""
        return self._child(name).pid

    def pids(self) -> dict[str, int]:
        """Every part with a process, by name."""
        return {name: watched.part.child.pid for name, watched in self._watched.items() if watched.part.child}

    async def kill(self, name: str) -> None:
        """Kills a part with -9; returns when it is dead. It is started again like any part that dies."""
        watched, child = self._watched[name], self._child(name)
        watched.ready.clear()
        child.kill()
        await child.wait()

    async def restart(self, name: str) -> None:
        """Stops a part in its own way and starts it again; returns when it is ready."""
        watched = self._watched[name]
        await self._unwatch(watched)
        watched.ready.clear()
        await watched.part.stop()
        await self._start(watched.part)

    async def until_ready(self, name: str) -> None:
        """Waits until a part that was killed is ready again."""
        await self._watched[name].ready.wait()

    async def stop(self, *names: str) -> None:
        """Stops these parts at the same time, and watches them no longer. Names that never started are left out."""
        present = [self._watched.pop(name) for name in names if name in self._watched]
        for watched in present:
            await self._unwatch(watched)
        await asyncio.gather(*(watched.part.stop() for watched in present))

    def _child(self, name: str) -> Child:
        child = self._watched[name].part.child
        if child is None:
            raise LookupError(f"expected {name} to have been started, but it was not")
        return child

    async def _unwatch(self, watched: _Watched) -> None:
        if watched.watcher is not None:
            watched.watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await watched.watcher
            watched.watcher = None

    async def _watch(self, watched: _Watched) -> None:
        loop, pause = asyncio.get_running_loop(), FIRST_PAUSE_SECONDS
        while True:
            since = loop.time()
            code = await self._child(watched.part.name).wait()
            watched.ready.clear()
            self._tell(_obituary(self._child(watched.part.name), code))
            if watched.part.loses_data:
                self._tell(
                    f"{watched.part.name}: not started again, because what it held is gone: start the stack anew"
                )
                return
            pause = FIRST_PAUSE_SECONDS if loop.time() - since > _GOOD_RUN_SECONDS else pause
            pause = await self._revive(watched, pause)

    async def _revive(self, watched: _Watched, pause: float) -> float:
        """Tries until the part is ready again; answers how long to pause should it die again soon."""
        while True:
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE_SECONDS)
            try:
                await watched.part.start()
            except StartFailed as failure:
                self._tell(str(failure))
                await watched.part.stop()  # one that is only slow would hold the port and the data of the next
            else:
                self._tell(f"{watched.part.name}: running again (pid {self._child(watched.part.name).pid})")
                watched.ready.set()
                return pause


def _obituary(child: Child, code: int) -> str:
    how = f"was killed by signal {-code}" if code < 0 else f"ended with exit code {code}"
    return f"{child.spec.name} {how}. Its log ({child.spec.log}) ends with:\n{last_lines(child.spec.log)}"
