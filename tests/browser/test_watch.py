"""The guards of the browser tests notice what they are there for, on pages that are wrong on purpose."""

import re
from collections.abc import AsyncIterator, Mapping
from urllib.parse import urlencode

import pytest
from aiohttp import web
from playwright.async_api import Browser, BrowserContext, Page

from tests.browser.accessibility import assert_accessible
from tests.browser.looks import Look, looking
from tests.browser.watch import Watch
from tests.doubles.slack import LocalServer

ELSEWHERE = "http://127.0.0.1:9/picture.png"

POLICIES: Mapping[str, str] = {"strict": "default-src 'self'", "open": "default-src * 'unsafe-inline'"}

WRONG: Mapping[str, tuple[str, str, str]] = {
    "an error in the console": ("open", "<script>console.error('lost')</script>", "^console error: lost"),
    "a warning in the console": ("open", "<script>console.warn('lost')</script>", "^console warning: lost"),
    "an exception": ("open", "<script>throw new Error('lost')</script>", "^uncaught: .*lost"),
    "a promise that nobody hears": ("open", "<script>Promise.reject(new Error('lost'))</script>", "^uncaught: .*lost"),
    "a script of the page": ("strict", "<script>1</script>", "Content Security Policy"),
    "a style of the page": ("strict", "<p style='color: red'>x</p>", "Content Security Policy"),
    "a handler of the page": ("strict", "<p onclick='1'>x</p>", "Content Security Policy"),
    "a picture from elsewhere that is kept out": ("strict", f"<img alt='' src={ELSEWHERE}>", "Content Security Policy"),
    "a picture from elsewhere": ("open", f"<img alt='' src={ELSEWHERE}>", f"^foreign host: GET {ELSEWHERE}"),
    "a host by its name": ("open", "<img alt='' src=http://localhost/x>", "ERR_NAME_NOT_RESOLVED"),
    "a file that is not there": ("open", "<img alt='' src=/nothing>", "status of 404"),
}
PAGE = "<!doctype html><html lang=en><title>Wrong</title><link rel=icon href=/icon><body><main><h1>Wrong</h1>{}</main>"


@pytest.fixture(scope="module")
async def wrong() -> AsyncIterator[str]:
    """A server whose pages are wrong: `/<policy>?<what stands in the page>`."""

    async def answer(request: web.Request) -> web.Response:
        headers = {"Content-Security-Policy": POLICIES[request.match_info["policy"]]}
        page = PAGE.format(request.query["body"])
        return web.Response(text=page, content_type="text/html", headers=headers)

    app = web.Application()
    app.router.add_get("/{policy:strict|open}", answer)
    app.router.add_get("/icon", _nothing)
    async with LocalServer(app) as server:
        yield server.url


@pytest.fixture
def origin(wrong: str) -> str:
    return wrong


@pytest.mark.parametrize(("policy", "body", "complaint"), WRONG.values(), ids=WRONG)
async def test_what_is_wrong_is_complained_of(page: Page, watch: Watch, policy: str, body: str, complaint: str) -> None:
    watch.expect(complaint)
    watch.expect("")  # some are said twice
    await shown(page, policy, body)


@pytest.mark.parametrize("policy", POLICIES)
async def test_a_page_that_does_no_wrong_brings_no_complaint(page: Page, watch: Watch, policy: str) -> None:
    await shown(page, policy, "<p>fine</p>")

    assert watch.complaints == []


async def test_a_complaint_fails_the_test_that_did_not_expect_it(page: Page, watch: Watch) -> None:
    await shown(page, "open", "<script>console.error('lost')</script>")

    assert [sentence.partition(" (")[0] for sentence in watch.verdict()] == ["console error: lost"]
    watch.expect("lost")
    assert watch.verdict() == []


async def test_a_complaint_that_does_not_come_is_missed(page: Page) -> None:
    watch = Watch("")
    watch.over(page.context)
    watch.expect("status of 422")

    await shown(page, "open", "")

    assert watch.verdict()[-1] == "expected a complaint like status of 422, but none came"


@pytest.mark.parametrize(
    ("body", "rule"), [("<img src=/icon>", "critical image-alt"), ("<p class=pale>pale</p>", "serious color-contrast")]
)
async def test_a_barrier_is_told_with_rule_place_and_help(page: Page, body: str, rule: str) -> None:
    await shown(page, "open", f"<style>.pale {{ color: #ccc }}</style>{body}")

    with pytest.raises(AssertionError, match=rule) as told:
        await assert_accessible(page)
    assert re.search(r"^  (img|p)$", str(told.value), re.MULTILINE)
    assert "Fix any of the following" in str(told.value)


async def test_a_page_without_a_barrier_passes_under_a_strict_policy(page: Page) -> None:
    await shown(page, "strict", "<p>fine</p>")

    await assert_accessible(page)


@pytest.mark.parametrize("script", [True, False])
async def test_a_browser_without_script_runs_none(browser: Browser, wrong: str, script: bool) -> None:
    async with looking(browser, wrong, Look(script=script)) as context:
        page = await context.new_page()
        await shown(page, "open", "<p>before</p><script>document.querySelector('p').textContent = 'after'</script>")

        assert await page.inner_text("p") == ("after" if script else "before")


async def test_a_look_is_what_the_page_sees(browser: Browser, wrong: str) -> None:
    async with looking(browser, wrong, Look(320, 640, "dark")) as context:
        page = await context.new_page()
        await shown(page, "open", "")

        assert await page.evaluate("[innerWidth, innerHeight]") == [320, 640]
        assert await page.evaluate("matchMedia('(prefers-color-scheme: dark)').matches") is True


async def test_visitors_know_nothing_of_each_other(browser: Browser, context: BrowserContext, wrong: str) -> None:
    await context.add_cookies([{"name": "known", "value": "1", "url": wrong}])
    async with looking(browser, wrong, Look()) as other:
        assert await other.cookies() == []


async def _nothing(_request: web.Request) -> web.Response:
    return web.Response(content_type="image/svg+xml")


async def shown(page: Page, policy: str, body: str) -> None:
    """Opens a page with this in it, and waits until all that it asks for has come or not, and its scripts have run."""
    await page.goto(f"/{policy}?{urlencode({'body': body})}")
    await page.evaluate("0")
