"""py-spy, attached to a running process from outside: nothing in the services knows of it."""

import asyncio
import os
import shutil
import sysconfig
from pathlib import Path

RATE = 200
"""Samples per second of each process. Each one stops the process for some hundred microseconds."""


class NoSampler(Exception):
    """py-spy is not there, or may not look into other processes."""


async def record(pid: int, seconds: int, svg: Path, *, native: bool) -> None:
    """Samples one process and writes its flame graph. `native` follows stacks into C, which costs more per sample."""
    options = ["--native"] if native else []
    process = await asyncio.create_subprocess_exec(
        *(_py_spy(), "record", "--pid", str(pid), "--duration", str(seconds), "--rate", str(RATE)),
        *("--function", "--format", "flamegraph", "--output", str(svg), *options),
        stdout=asyncio.subprocess.PIPE,
        stderr=asyncio.subprocess.STDOUT,
    )
    output, _ = await asyncio.wait_for(process.communicate(), seconds + 60)
    if process.returncode:
        raise NoSampler(f"expected py-spy to record {svg.stem}, but it said: {output.decode().strip()}")


def _py_spy() -> str:
    path = os.pathsep.join((sysconfig.get_path("scripts"), os.environ.get("PATH", "")))
    found = shutil.which("py-spy", path=path)
    if found is None:
        raise NoSampler("expected py-spy beside this Python, but it is not installed: make setup")
    return found
