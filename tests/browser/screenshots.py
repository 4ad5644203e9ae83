"""The command: `python -m tests.browser.screenshots [--only NAME…]` writes a picture of every page in every look."""

import argparse
import os
import sys
import tempfile
from collections.abc import Mapping, Sequence
from pathlib import Path

import uvloop
from playwright.async_api import Browser

from tests.browser.chromium import chromium, executable, missing
from tests.browser.looks import LOOKS, Look, looking
from tests.browser.watch import Watch
from tests.e2e.installation import running

FOLDER = Path(__file__).resolve().parents[2] / "var" / "screenshots"

Pages = Mapping[str, tuple[str, str]]

PAGES: Pages = {
    "docs": ("/docs", ".opblock-tag"),
}
"""Each picture by name: the path of its page, and an element that is there when the page is complete."""


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=PAGES, default=list(PAGES), help="these pages alone")
    names = parser.parse_args(arguments).only
    if lack := missing(os.environ, executable()):
        sys.exit(lack[0])
    FOLDER.mkdir(parents=True, exist_ok=True)
    complaints = uvloop.run(taken({name: PAGES[name] for name in names}, FOLDER))
    print("\n".join(complaints))
    print(f"{len(names) * len(LOOKS)} pictures in {FOLDER}, {len(complaints)} complaints")
    return 1 if complaints else 0


async def taken(pages: Pages, folder: Path) -> list[str]:
    """Writes `<name>-<look>.png` of pages of a fresh installation; answers what they did wrong."""
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        async with running(Path(scratch)) as installation, chromium(Path(scratch)) as browser:
            for look in LOOKS:
                complaints += await _in_look(browser, installation.stack.api_url, look, pages, folder)
    return complaints


async def _in_look(browser: Browser, origin: str, look: Look, pages: Pages, folder: Path) -> list[str]:
    watch = Watch(origin)
    async with looking(browser, origin, look) as context:
        watch.over(context)
        page = await context.new_page()
        for name, (path, complete) in pages.items():
            await page.goto(path)
            await page.locator(complete).first.wait_for()
            await page.screenshot(path=folder / f"{name}-{look}.png", full_page=True, animations="disabled")
    return watch.verdict()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
