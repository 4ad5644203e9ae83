"""The ways in which a page is looked at: wide or narrow, light or dark."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from typing import Final, Literal

from playwright.async_api import Browser, BrowserContext, ViewportSize, expect

PATIENCE_MS: Final = 60_000
"""How long anything that a test asks of a page may take: long, because other tests may want the processors too."""


@dataclass(frozen=True)
class Look:
    """CSS pixels and a colour scheme. `script` False is a browser with JavaScript turned off."""

    width: int = 1280
    height: int = 800
    scheme: Literal["light", "dark"] = "light"
    script: bool = True

    def __str__(self) -> str:
        width = "wide" if self.width >= WIDE else "narrow"
        return f"{width}-{self.scheme}" + ("" if self.script else "-without-script")


WIDE: Final = 1024
LOOKS: Final = tuple(
    Look(width, height, scheme) for width, height in ((1280, 800), (320, 640)) for scheme in ("light", "dark")
)


@asynccontextmanager
async def looking(browser: Browser, origin: str, look: Look) -> AsyncIterator[BrowserContext]:
    """A context without cookies or history, for pages of `origin`."""
    context = await browser.new_context(
        base_url=origin,
        viewport=ViewportSize(width=look.width, height=look.height),
        color_scheme=look.scheme,
        java_script_enabled=look.script,
        reduced_motion="reduce",
        locale="en-GB",
        timezone_id="UTC",
        service_workers="block",
    )
    context.set_default_timeout(PATIENCE_MS)
    expect.set_options(timeout=PATIENCE_MS)
    try:
        yield context
    finally:
        await context.close()
