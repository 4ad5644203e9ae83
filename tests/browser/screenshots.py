"""The command: `python -m tests.browser.screenshots [--only NAME…]` writes a picture of every page in every look."""

import argparse
import os
import sys
import tempfile
from collections.abc import Sequence
from pathlib import Path
from typing import Final

import uvloop
from playwright.async_api import Browser, Page

from tests.browser.chromium import chromium, executable, missing
from tests.browser.examples import ALL, Example
from tests.browser.looks import Look, looking
from tests.browser.showroom import Showroom, laid
from tests.browser.walking import fill
from tests.browser.watch import Watch
from tests.e2e.installation import running

FOLDER = Path(__file__).resolve().parents[2] / "var" / "screenshots"
SIZES: Final = ((1280, 900), (360, 740))
LOOKS: Final = tuple(Look(width, height, scheme) for width, height in SIZES for scheme in ("light", "dark"))
DOCS: Final = "docs"
SECRET: Final = "action-secret"
"""A page that no address leads to: it is shown once, after a form."""
NAMES: Final = (DOCS, *ALL, SECRET)
STATUS_OF_NOTHING: Final = "status of 404"


def main(arguments: Sequence[str]) -> int:
    parser = argparse.ArgumentParser(prog="python -m tests.browser.screenshots", description=__doc__)
    parser.add_argument("--only", nargs="+", choices=NAMES, default=list(NAMES), help="these pages alone")
    names = parser.parse_args(arguments).only
    if lack := missing(os.environ, executable()):
        sys.exit(lack[0])
    FOLDER.mkdir(parents=True, exist_ok=True)
    complaints = uvloop.run(taken(names, FOLDER))
    print("\n".join(complaints))
    print(f"{len(names) * len(LOOKS)} pictures in {FOLDER}, {len(complaints)} complaints")
    return 1 if complaints else 0


async def taken(names: Sequence[str], folder: Path) -> list[str]:
    """Writes `<name>-<look>.png` of pages of a fresh installation; answers what they did wrong."""
    complaints: list[str] = []
    with tempfile.TemporaryDirectory() as scratch:
        async with (
            running(Path(scratch)) as installation,
            laid(installation) as room,
            chromium(Path(scratch)) as browser,
        ):
            for look in LOOKS:
                complaints += await _in_look(browser, installation.stack.api_url, look, room, names, folder)
    return complaints


async def _in_look(
    browser: Browser, origin: str, look: Look, room: Showroom, names: Sequence[str], folder: Path
) -> list[str]:
    watch = Watch(origin)
    async with looking(browser, origin, look) as context:
        watch.over(context)
        page = await context.new_page()
        for name in names:
            await context.clear_cookies()
            await _open(page, origin, room, name, look)
            await page.screenshot(path=folder / f"{name}-{look}.png", full_page=True, animations="disabled")
    if "nothing" in names:
        watch.expect(STATUS_OF_NOTHING)
    return watch.verdict()


async def _open(page: Page, origin: str, room: Showroom, name: str, look: Look) -> None:
    if name == DOCS:
        await page.goto("/docs")
        await page.locator(".opblock-tag").first.wait_for()
        return
    example = ALL.get(name, Example(SECRET, "/projects/{project}/actions/new", []))
    if example.signed_in:
        await room.let_in(page.context, origin)
    await page.goto(example.address(room))
    if name == SECRET:
        await fill(page, {"Name": f"translate-{look}", "Endpoint URL": "https://example.com/translate"})
        await page.get_by_role("button", name="Register").click()
        await page.get_by_label("Signing secret").wait_for()
    if await page.locator("[data-live]").count():
        await page.locator("html[data-live=on]").wait_for(state="attached")


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
