"""Brings npm packages into the cache folder by name, when a peer is asked for."""

import asyncio
import shutil
import tempfile
from collections.abc import Sequence
from pathlib import Path

CACHE = Path.home() / ".cache/mobius/peers"
INSTALL_SECONDS = 300


class NoNpm(Exception):
    """The peer cannot be brought here; the text says why."""


async def installed(name: str, packages: Sequence[str]) -> Path:
    """The folder that has these packages in its `node_modules`; asks npm for them the first time."""
    home = CACHE / name
    if not home.exists():
        home.parent.mkdir(parents=True, exist_ok=True)
        with tempfile.TemporaryDirectory(dir=home.parent) as scratch:
            await _install(Path(scratch), packages)
            (Path(scratch) / "node_modules").rename(_made(home) / "node_modules")
    return home


def missing_programs() -> list[str]:
    """Which of the programs that a peer needs are not on PATH."""
    return [program for program in ("npm", "node") if shutil.which(program) is None]


async def _install(folder: Path, packages: Sequence[str]) -> None:
    options = ["--prefix", str(folder), "--no-audit", "--no-fund", "--no-save", "--loglevel=error"]
    process = await asyncio.create_subprocess_exec(
        "npm", "install", *options, *packages, stdout=asyncio.subprocess.PIPE, stderr=asyncio.subprocess.STDOUT
    )
    output, _ = await asyncio.wait_for(process.communicate(), INSTALL_SECONDS)
    if process.returncode:
        raise NoNpm(f"expected npm to bring {', '.join(packages)}, but it said: {output.decode().strip()}")


def _made(home: Path) -> Path:
    home.mkdir()
    return home
