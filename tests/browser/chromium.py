"""Debian's Chromium, headless: whether it is here, and one that lives as long as a block."""

import os
import shutil
from collections.abc import AsyncIterator, Iterator, Mapping
from contextlib import asynccontextmanager, contextmanager
from pathlib import Path
from tempfile import TemporaryDirectory

from playwright.async_api import Browser, async_playwright

REQUIRE = "MOBIUS_REQUIRE_BROWSER"
"""Set to anything, a missing Chromium fails the tests that need it. `.ci/run` sets it."""

FLAGS = (
    "--headless",
    "--no-sandbox",  # tests may run as root
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
    "--host-resolver-rules=MAP * ~NOTFOUND, EXCLUDE 127.0.0.1",  # no name leads off this machine
)


def executable() -> str | None:
    """Where Chromium is, if it is installed. Playwright's own builds are never asked for."""
    return shutil.which("chromium")


def missing(environment: Mapping[str, str], found: str | None) -> tuple[str, bool] | None:
    """Why the browser tests cannot run, and whether that is a failure; None when they can."""
    if found:
        return None
    required = bool(environment.get(REQUIRE))
    return "expected Debian's chromium on PATH, but there is none: apt-get install chromium", required


@asynccontextmanager
async def chromium(folder: Path) -> AsyncIterator[Browser]:
    """A browser whose profile lies in `folder`. It ends with the block, and with this process if that is killed."""
    with _temporary_files_in(folder):
        playwright = await async_playwright().start()
    try:
        browser = await playwright.chromium.launch(executable_path=executable(), args=list(FLAGS))
        try:
            yield browser
        finally:
            await browser.close()
    finally:
        await playwright.stop()


@contextmanager
def short_folder() -> Iterator[Path]:
    """A folder for `chromium`, which puts sockets into it: their paths may be 107 bytes long and no more."""
    with TemporaryDirectory(prefix="cr", ignore_cleanup_errors=True) as folder:
        yield Path(folder)


@contextmanager
def _temporary_files_in(folder: Path) -> Iterator[None]:
    """Playwright makes a fresh profile for each browser, in the folder that TMPDIR names when its driver starts."""
    before = os.environ.get("TMPDIR")
    os.environ["TMPDIR"] = str(folder)
    try:
        yield
    finally:
        del os.environ["TMPDIR"]
        if before is not None:
            os.environ["TMPDIR"] = before
