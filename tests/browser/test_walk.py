"""Walks through the pages in a real browser, while services, courier and endpoint really work."""

import re
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import Browser, Page, expect

from tests.browser.looks import Look, looking
from tests.browser.walking import ACTION, DOCUMENT, Walk, attempt, fill, ids, walking
from tests.browser.watch import Watch
from tests.e2e.installation import Installation
from tests.e2e.visitor import HOME


@pytest.fixture
async def walk(installation: Installation, page: Page) -> AsyncIterator[Walk]:
    async with walking(installation, page) as walk:
        yield walk


async def test_a_first_visit_leads_from_the_door_to_a_finished_run_and_out_again(walk: Walk) -> None:
    page = walk.page
    await page.goto(HOME)
    await walk.sign_in()
    await page.get_by_role("listitem").filter(has_text=walk.tenant.project).get_by_role("link").click()
    await expect(page).to_have_title(re.compile(rf"^Actions · {walk.tenant.project} · Mobius$"))
    await page.locator(".empty").get_by_role("link", name="Register an action").click()
    secret = await walk.register()
    await _copied(page, secret)
    walk.trust(secret)
    await page.get_by_role("link", name=f"I have it: go to {ACTION}").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(ACTION)
    assert secret not in await page.content()

    await page.get_by_role("link", name="Try it out").first.click()
    await fill(page, {"doc_id": DOCUMENT})
    walk.gate.set()
    await page.get_by_role("button", name="Start").click()
    tried = await walk.run_id()
    await expect(page.locator("#facts .status")).to_have_text("completed")
    await expect(page.locator("#values")).to_contain_text("Rinse a cup and a half")
    walk.gate.clear()

    await walk.go("Workflows")
    await page.get_by_role("link", name="New workflow").first.click()
    await walk.save_workflow()
    run = await walk.start_run()
    await _followed_to_its_end(walk, run)

    await page.get_by_role("link", name="Its invocations").click()
    await expect(page.locator(".entry")).to_have_count(2)
    assert page.url.endswith(f"/invocations?run={run}")
    assert tried not in await page.locator("#live").inner_text()

    await page.goto(f"{walk.home}/workflows/document-processing")
    await walk.start_run("nothing-like-this")
    await expect(page.locator("#errors")).to_contain_text("Step summarize failed")
    await expect(page.locator("#errors")).to_contain_text("look into its log")

    await page.get_by_role("button", name="Sign out").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    await page.go_back()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Sign in")
    assert run not in await page.locator("body").inner_text()


async def _copied(page: Page, secret: str) -> None:
    """The button beside the secret puts it, and nothing else, where it can be pasted."""
    assert re.fullmatch(r"whsec_[\w+/=]{40,}", secret)
    await page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    await page.get_by_role("button", name="Copy").first.click()
    await expect(page.get_by_role("button", name="Copied")).to_be_visible()
    assert await page.evaluate("navigator.clipboard.readText()") == secret


async def _followed_to_its_end(walk: Walk, run: str) -> None:
    """Rows and states change where they stand; what somebody has opened stays open; nothing is loaded again."""
    page, row = walk.page, attempt(walk.page, "summarize")
    await expect(row).to_contain_text("running")
    await expect(page.locator("html[data-live=on]")).to_be_attached()
    await page.evaluate("window.stays = true")
    await row.evaluate("row => row.seen = true")
    opened = page.locator("#events li").last
    await opened.locator("summary").click()
    name = await opened.get_attribute("id")

    walk.gate.set()
    await expect(page.locator("#facts .status")).to_have_text("completed")
    await expect(attempt(page, "notify")).to_contain_text("completed")
    await expect(row).to_contain_text("completed")
    assert await row.evaluate("row => row.seen")
    assert await page.evaluate("window.stays")
    assert await page.locator(f'[id="{name}"] details').evaluate("one => one.open")
    assert page.url.partition("?")[0].endswith(run)
    assert [message.text for message in walk.tenant.installation.slack.messages if DOCUMENT in message.text]


async def test_a_run_that_is_watched_while_the_audit_restarts_has_every_row_once(walk: Walk, watch: Watch) -> None:
    page = walk.page
    await walk.started(await walk.prepared())
    before = await ids(page, "#events li")
    await page.evaluate("window.stays = true")
    await walk.tenant.installation.stack.restart("audit")
    walk.gate.set()

    await expect(page.locator("#facts .status")).to_have_text("completed")
    await expect(page.locator("html[data-live=on]")).to_be_attached()
    watch.complaints.clear()  # whether Chromium saw the stream break off, or nobody answer, is a matter of moments
    after = await ids(page, "#events li")
    assert await page.evaluate("window.stays")
    assert set(before) < set(after)
    assert len(after) == len(set(after))
    await page.reload()
    assert await ids(page, "#events li") == after


async def test_an_address_shows_a_colleague_the_same(walk: Walk, browser: Browser, origin: str) -> None:
    page = walk.page
    walk.gate.set()
    workflow = await walk.prepared()
    for _ in range(2):
        await walk.ended(workflow)
    await page.get_by_role("link", name="Its invocations").click()
    await expect(page.locator(".entry")).to_have_count(1)
    await page.get_by_label("Status").select_option("success")
    await page.get_by_role("button", name="Filter").click()
    await expect(page.locator(".entry")).to_have_count(1)
    shown = await ids(page, ".entry")

    async with looking(browser, origin, Look()) as context:
        other = await context.new_page()
        await other.goto(page.url)
        await expect(other.get_by_role("heading", level=1)).to_have_text("Sign in")
        await Walk(other, walk.tenant).sign_in()
        await expect(other.locator(".entry")).to_have_count(1)
        assert (other.url, await ids(other, ".entry")) == (page.url, shown)


async def test_a_run_is_cancelled_from_its_page(walk: Walk) -> None:
    page = walk.page
    await walk.started(await walk.prepared())
    await page.get_by_text("Cancel the run").click()
    await page.get_by_role("button", name="Yes, cancel it").click()

    await expect(page.locator("#facts .status")).to_have_text("failed")
    await expect(page.locator("#errors")).to_contain_text("The run was cancelled")
    await expect(page.get_by_text("Cancel the run")).to_have_count(0)


async def test_an_action_is_edited_given_another_secret_and_deleted(walk: Walk) -> None:
    page = walk.page
    await walk.tenant.caller.create("actions", {"name": ACTION, "endpoint_url": walk.endpoint_url})
    await page.goto(f"{walk.home}/actions/{ACTION}")
    await walk.sign_in()
    await page.get_by_role("link", name="Edit").click()
    await fill(page, {"Title": "Shorten a document"})
    await page.get_by_role("button", name="Save").click()
    await expect(page.locator(".lead")).to_have_text("Shorten a document")

    await page.get_by_role("link", name="Rotate the secret").click()
    await fill(page, {"Grace in seconds": "60"})
    await page.get_by_role("button", name="Rotate").click()
    await expect(page.locator("main")).to_contain_text("Version 2 signs from now on")
    await page.get_by_role("link", name=f"I have it: go to {ACTION}").click()
    await expect(page.locator("#s-2")).to_contain_text("active")
    await expect(page.locator("#s-1")).to_contain_text("grace")

    await page.get_by_role("link", name="Delete").click()
    await fill(page, {"Type its name to confirm": ACTION})
    await page.get_by_role("button", name="Delete").click()
    await expect(page.get_by_role("heading", level=1)).to_have_text("Actions")
    await expect(page.locator("main")).to_contain_text("This project has no action of its own yet")


async def test_the_way_to_a_finished_run_needs_no_more_than_a_keyboard(walk: Walk) -> None:
    page = walk.page
    walk.gate.set()
    await page.goto(HOME)
    await page.keyboard.type(walk.tenant.token)
    await page.keyboard.press("Enter")
    await walk.press(page.get_by_role("listitem").filter(has_text=walk.tenant.project).get_by_role("link"))
    await walk.press(page.locator(".empty").get_by_role("link", name="Register an action"))
    await walk.type("Name", ACTION)
    await walk.type("Endpoint URL", walk.endpoint_url)
    await page.keyboard.press("Enter")
    walk.trust(await page.get_by_label("Signing secret").inner_text())
    await walk.press(page.get_by_role("link", name="Workflows"))
    await walk.press(page.get_by_role("link", name="New workflow").first)
    await walk.type("Name", "by keyboard")
    await walk.type(
        "Definition",
        '{"name": "k", "steps": [{"name": "summarize", "action": "summarize-document", '
        f'"parameters": {{"doc_id": "{DOCUMENT}"}}}}]}}',
    )
    await walk.press(page.get_by_role("button", name="Create the workflow"))
    await walk.press(page.get_by_role("link", name="Start a run"))
    await walk.press(page.get_by_role("button", name="Start the run"))
    await walk.run_id()
    await expect(page.locator("#facts .status")).to_have_text("completed")
