"""The viewer of the API's document at `/docs`, as a reader opens it.

axe-core is not asked here: the viewer is somebody else's, and has barriers that only its makers can take away (pale
labels, controls within controls, a select without a name).
"""

from typing import Any, cast

import pytest
from playwright.async_api import Page, expect

from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from tests.browser.looks import LOOKS, Look

DOCUMENT = cast("dict[str, Any]", parse_own_json(published("openapi.json")))
TAGS = sorted(tag["name"] for tag in DOCUMENT["tags"])


@pytest.mark.parametrize("look", LOOKS[::2], ids=str)
async def test_every_tag_is_there_and_an_operation_opens(page: Page, look: Look) -> None:
    await page.goto("/docs")

    await expect(page.locator(".opblock-tag > a")).to_have_text(TAGS)
    await page.locator("#operations-tag-runs").click()
    operation = page.locator("#operations-runs-cancelRun")
    await operation.locator("button.opblock-summary-control").click()
    await expect(operation.locator(".parameters").first).to_contain_text("project")
    assert await page.evaluate("document.documentElement.scrollWidth") <= look.width


@pytest.mark.parametrize("look", [Look(script=False)], ids=str)
async def test_without_script_the_page_says_where_the_document_is(page: Page) -> None:
    await page.goto("/docs")

    await expect(page.get_by_role("link", name="openapi.json")).to_be_visible()
