"""Every page in every look: no barrier, nothing that scrolls sideways, and all its data without script too."""

from collections.abc import AsyncIterator, Sequence

import pytest
from playwright.async_api import BrowserContext, Page

from services.audit.dashboard.pages import PAGES
from tests.browser.accessibility import assert_accessible
from tests.browser.examples import ALL, EXAMPLES, Example
from tests.browser.looks import LOOKS, Look
from tests.browser.showroom import Showroom, laid
from tests.browser.watch import Watch
from tests.e2e.installation import Installation

ACROSS = (LOOKS[0], LOOKS[-1])
"""Wide and light, narrow and dark. Colours do not depend on the width, and places not on the colours, so the other two
looks show nothing that is in neither of these; `make nightly` sees all four."""
SEEN = {name: example for name, example in ALL.items() if name != "project"}
"""A project begins with the page of its actions."""
WIDTH = "[document.scrollingElement.scrollWidth, document.body.scrollWidth]"


@pytest.fixture(scope="module")
async def room(installation: Installation) -> AsyncIterator[Showroom]:
    async with laid(installation) as room:
        yield room


def test_every_page_has_an_example() -> None:
    assert sorted(EXAMPLES) == sorted(page.path for page in PAGES)


@pytest.mark.parametrize("looks", [ACROSS, pytest.param(LOOKS, marks=pytest.mark.nightly)], ids=["across", "all"])
@pytest.mark.parametrize("example", SEEN.values(), ids=SEEN)
async def test_a_page_keeps_nobody_out_in_any_look(
    context: BrowserContext,
    page: Page,
    watch: Watch,
    origin: str,
    room: Showroom,
    example: Example,
    looks: Sequence[Look],
) -> None:
    await opened(context, page, watch, origin, room, example)

    for look in looks:
        await page.set_viewport_size({"width": look.width, "height": look.height})
        await page.emulate_media(color_scheme=look.scheme, reduced_motion="reduce")
        await assert_accessible(page)
        widths = await page.evaluate(WIDTH)
        assert max(widths) <= look.width, f"{page.url} is {widths} px wide at {look}"


@pytest.mark.parametrize("look", [Look(script=False)], ids=str)
@pytest.mark.parametrize("example", ALL.values(), ids=ALL)
async def test_without_script_a_page_shows_its_data(
    context: BrowserContext, page: Page, watch: Watch, origin: str, room: Showroom, example: Example
) -> None:
    await opened(context, page, watch, origin, room, example)

    shown = await page.locator("main").inner_text()
    values = await page.locator("main").locator("input, textarea").evaluate_all("all => all.map(one => one.value)")
    for text in example.texts:
        assert text.format(**room.runs) in "\n".join([shown, *values])


async def opened(
    context: BrowserContext, page: Page, watch: Watch, origin: str, room: Showroom, example: Example
) -> None:
    """The page, as somebody sees it who is signed in."""
    if example.signed_in:
        await room.let_in(context, origin)
    answer = await page.goto(example.address(room))
    assert answer is not None
    if example.name == "nothing":
        watch.expect("status of 404")
    else:
        assert answer.status == 200
