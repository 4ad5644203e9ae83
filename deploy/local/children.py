"""A child process of the stack: started on the leash, its output in a log file, awaited from any event loop."""

import asyncio
import os
import signal
import subprocess
import sys
import threading
from collections.abc import Mapping, Sequence
from concurrent.futures import Future
from dataclasses import dataclass
from pathlib import Path

_LEASH = Path(__file__).with_name("leash.py")


@dataclass(frozen=True)
class ChildSpec:
    """What to run. `environment` is the whole environment; `user` is who to run as when we are root."""

    name: str
    command: Sequence[str]
    environment: Mapping[str, str]
    log: Path
    working_folder: Path
    death_signal: signal.Signals = signal.SIGKILL
    user: str | None = None


class Child:
    """One started process. It has a process group of its own, so Ctrl-C reaches only the supervisor, which stops
    things in order. Start children from a thread that lives as long as they shall: the leash is tied to it."""

    def __init__(self, spec: ChildSpec) -> None:
        self.spec = spec
        self._exited: Future[int] = Future()
        leash = [sys.executable, "-I", "-S", str(_LEASH), str(os.getpid()), str(int(spec.death_signal))]
        with spec.log.open("ab") as log:
            self._process = subprocess.Popen(
                [*leash, spec.user or "-", *spec.command],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                env=dict(spec.environment),
                cwd=spec.working_folder,
                start_new_session=True,
            )
        threading.Thread(target=self._reap, name=f"reap-{spec.name}", daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    @property
    def running(self) -> bool:
        return not self._exited.done()

    def _reap(self) -> None:
        self._exited.set_result(self._process.wait())

    async def wait(self) -> int:
        """Waits for the end; answers with the exit code, negative for a signal."""
        return await asyncio.shield(asyncio.wrap_future(self._exited))

    async def stop(self, grace_seconds: float, stop_signal: signal.Signals = signal.SIGTERM) -> int:
        """Asks the process to end, and kills its group when it has not within the grace."""
        self.send(stop_signal)
        try:
            return await asyncio.wait_for(self.wait(), grace_seconds)
        except TimeoutError:
            self.kill()
            return await self.wait()

    def send(self, signal_number: signal.Signals) -> None:
        if self.running:
            self._process.send_signal(signal_number)

    def kill(self) -> None:
        """Kills the process and whatever it started, at once."""
        if self.running:
            os.killpg(self.pid, signal.SIGKILL)


def last_lines(log: Path, count: int = 20) -> str:
    """The end of a log file, for a person who wants to know why something died."""
    if not log.exists():
        return ""
    with log.open("rb") as file:
        file.seek(max(0, log.stat().st_size - 64 * 1024))
        return "\n".join(file.read().decode(errors="replace").splitlines()[-count:])
