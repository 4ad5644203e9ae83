"""The supervisor with small programs in place of services."""

import asyncio
import signal
import sys
from collections.abc import AsyncIterator
from pathlib import Path

import psutil
import pytest

from deploy.local.children import Child, ChildSpec
from deploy.local.readiness import StartFailed, wait_until_ready
from deploy.local.supervisor import Supervisor

RUN_FOR_EVER = (
    "import pathlib, signal, sys; pathlib.Path(sys.argv[1]).touch(); print('at work', flush=True); signal.pause()"
)
DIE_AT_ONCE = "print('cannot find my settings'); raise SystemExit(3)"


class Program:
    """A part that is ready when its program has touched a file."""

    loses_data = False

    def __init__(self, folder: Path, name: str, code: str) -> None:
        self.name = name
        self.child: Child | None = None
        self._sign = folder / f"{name}.ready"
        command = [sys.executable, "-c", code, str(self._sign)]
        self._spec = ChildSpec(name, command, {}, folder / f"{name}.log", folder)

    async def start(self) -> None:
        self._sign.unlink(missing_ok=True)
        self.child = Child(self._spec)
        await wait_until_ready(self.child, self._is_ready, 10)

    async def stop(self) -> None:
        if self.child is not None:
            await self.child.stop(5)

    async def _is_ready(self) -> bool:
        return self._sign.exists()


@pytest.fixture
def told() -> list[str]:
    return []


@pytest.fixture
async def supervisor(told: list[str]) -> AsyncIterator[Supervisor]:
    supervisor = Supervisor(told.append)
    yield supervisor
    await supervisor.stop("first", "second")


async def test_a_part_that_is_killed_is_named_with_its_log_and_runs_again(
    supervisor: Supervisor, told: list[str], tmp_path: Path
) -> None:
    await supervisor.start(Program(tmp_path, "first", RUN_FOR_EVER), Program(tmp_path, "second", RUN_FOR_EVER))
    dead, other = supervisor.pid("first"), supervisor.pid("second")
    await supervisor.kill("first")
    await supervisor.until_ready("first")
    alive = supervisor.pid("first")
    assert alive != dead
    assert psutil.pid_exists(alive)
    assert supervisor.pid("second") == other
    assert told[0].startswith("first was killed by signal 9. Its log (")
    assert told[0].endswith("ends with:\nat work")
    assert told[1] == f"first: running again (pid {alive})"


class Slow(Program):
    """Its second start takes longer than anybody waits, although its process lives."""

    def __init__(self, folder: Path) -> None:
        super().__init__(folder, "first", RUN_FOR_EVER)
        self.pids: list[int] = []

    async def start(self) -> None:
        await super().start()
        assert self.child is not None
        self.pids.append(self.child.pid)
        if len(self.pids) == 2:
            raise StartFailed("first: expected to be ready within 0 s, but it is not")


async def test_a_start_that_took_too_long_leaves_no_process_beside_the_next(
    supervisor: Supervisor, tmp_path: Path
) -> None:
    slow = Slow(tmp_path)
    await supervisor.start(slow)
    await supervisor.kill("first")
    await supervisor.until_ready("first")
    assert [psutil.pid_exists(pid) for pid in slow.pids] == [False, False, True]


async def test_a_restart_is_gentle_and_tells_nobody(supervisor: Supervisor, told: list[str], tmp_path: Path) -> None:
    await supervisor.start(Program(tmp_path, "first", RUN_FOR_EVER))
    before = supervisor.pid("first")
    await supervisor.restart("first")
    assert supervisor.pid("first") != before
    assert told == []


async def test_a_part_that_cannot_start_fails_with_the_end_of_its_log(supervisor: Supervisor, tmp_path: Path) -> None:
    with pytest.raises(StartFailed, match=r"first: ended with exit code 3 before it was ready.*\n.*cannot find my"):
        await supervisor.start(Program(tmp_path, "first", DIE_AT_ONCE))


async def test_stopping_leaves_no_process(supervisor: Supervisor, tmp_path: Path) -> None:
    await supervisor.start(Program(tmp_path, "first", RUN_FOR_EVER))
    pid = supervisor.pid("first")
    await supervisor.stop("first")
    assert not psutil.pid_exists(pid)


PARENT = """
import sys, time
from pathlib import Path
from deploy.local.children import Child, ChildSpec
folder = Path(sys.argv[1])
child = Child(ChildSpec("sleeper", ["sleep", "60"], {"PATH": "/usr/bin:/bin"}, folder / "log", folder))
print(child.pid, flush=True)
time.sleep(60)
"""


@pytest.mark.skipif(sys.platform != "linux", reason="the leash is a promise of the Linux kernel")
async def test_a_child_dies_with_a_parent_that_is_killed(tmp_path: Path) -> None:
    parent = await asyncio.create_subprocess_exec(
        sys.executable, "-c", PARENT, str(tmp_path), stdout=asyncio.subprocess.PIPE
    )
    assert parent.stdout is not None
    child = psutil.Process(int(await parent.stdout.readline()))
    parent.send_signal(signal.SIGKILL)
    await parent.wait()
    async with asyncio.timeout(10):
        while child.is_running() and child.status() != psutil.STATUS_ZOMBIE:
            await asyncio.sleep(0.01)
