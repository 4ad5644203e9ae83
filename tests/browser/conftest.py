"""What browser tests may ask for: a `page` that fails its test when it does something wrong behind its back."""

import os
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.chromium import chromium, executable, missing, short_folder
from tests.browser.looks import Look, looking
from tests.browser.watch import Watch
from tests.e2e.installation import Installation, running


@pytest.fixture(scope="package")
async def browser() -> AsyncIterator[Browser]:
    """One browser for all of them. Without Chromium the tests are skipped, or fail where the environment says so."""
    if lack := missing(os.environ, executable()):
        reason, required = lack
        pytest.fail(reason) if required else pytest.skip(reason)
    with short_folder() as folder:
        async with chromium(folder) as browser:
            yield browser


@pytest.fixture(scope="package")
async def installation(browser: Browser, tmp_path_factory: pytest.TempPathFactory) -> AsyncIterator[Installation]:
    """An installation that only these tests write to, so that a page shows what its test made."""
    async with running(tmp_path_factory.mktemp("pages")) as installation:
        yield installation


@pytest.fixture
def origin(installation: Installation) -> str:
    """Where the pages are. A module may serve its own."""
    return installation.stack.api_url


@pytest.fixture
def look() -> Look:
    """Wide and light; `@pytest.mark.parametrize("look", LOOKS, ids=str)` for the others."""
    return Look()


@pytest.fixture
def watch(origin: str) -> Watch:
    """What the page did wrong. `watch.expect("status of 422")` when the test provokes it."""
    return Watch(origin)


@pytest.fixture
async def context(browser: Browser, origin: str, look: Look, watch: Watch) -> AsyncIterator[BrowserContext]:
    """A visitor that nobody knows yet."""
    async with looking(browser, origin, look) as context:
        watch.over(context)
        yield context
    assert watch.verdict() == []


@pytest.fixture
async def page(context: BrowserContext) -> Page:
    """An empty page: `await page.goto("/docs")`."""
    return await context.new_page()
