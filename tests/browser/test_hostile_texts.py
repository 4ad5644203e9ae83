"""Whatever a text wants to be, on every page it is a text: in lists, forms, drawings, addresses and what comes live.

Three worlds are looked at: one of harmless texts, to know what pages are made of, one of payloads under the policy of
the pages, which must not even be asked, and the same without any policy, where nothing else would hold a script up.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping
from contextlib import AsyncExitStack
from dataclasses import dataclass
from secrets import token_hex
from types import SimpleNamespace
from urllib.parse import quote

import pytest
from aiohttp import web
from jinja2 import ChoiceLoader, DictLoader, Environment, PackageLoader
from markupsafe import Markup
from playwright.async_api import Browser, BrowserContext

from libs.contracts.codec import JsonObject
from services.audit.dashboard import render
from services.audit.dashboard.pages import PAGES
from services.audit.dashboard.responses import HEADERS
from tests.browser.hostile.payloads import HARMLESS, PAYLOADS
from tests.browser.hostile.signs import LOOK, Looked, Plain, Signs, look, seen_in
from tests.browser.hostile.visits import FORMS, LOUD, PARAMETERS, VISITS, address
from tests.browser.hostile.world import ANSWERING, LEFT, World, made_of, one_step, worked
from tests.browser.looks import PATIENCE_MS
from tests.browser.watch import Watch
from tests.doubles.slack import LocalServer
from tests.e2e.installation import Installation
from tests.e2e.reading_pages import until
from tests.e2e.visitor import HOME

pytestmark = pytest.mark.timeout(240)

FILL = """
([text, hidden]) => {
  const form = document.querySelector("main form[method=post]");
  for (const one of form.elements) {
    if (!one.name || one.name === "csrf" || (one.type === "hidden" && !hidden)) continue;
    if (one.localName === "select") one.append(new Option(text, text, true, true));
    else if (one.type === "checkbox" || one.type === "radio") one.value = text, one.checked = true;
    else if (one.type === "number" || one.type === "url") one.type = "text", one.value = text.replaceAll("\\n", " ");
    else one.value = one.localName === "textarea" ? text : text.replaceAll("\\n", " ");
  }
  HTMLFormElement.prototype.submit.call(form);
}
"""
"""Fills the page's form with a text wherever one can be, past all that the browser would refuse, and sends it."""

FETCH = f"""
async (addresses) => {{
  const look = {LOOK};
  return Promise.all(addresses.map(async (address) => {{
    const answer = await fetch(address);
    return look(new DOMParser().parseFromString(await answer.text(), "text/html"));
  }}));
}}
"""


@dataclass
class Looker:
    """A browser that is signed in to a world, and hears what happens in it."""

    world: World
    context: BrowserContext
    signs: Signs

    async def walk(self, path: str) -> AsyncIterator[tuple[str, Looked]]:
        """Each look at the page: at its addresses, and at its form after it was filled in and refused."""
        page = await self.context.new_page()
        for number, one in enumerate(VISITS[path]):
            await page.goto(address(self.world, one), wait_until="load")
            await page.evaluate("document.querySelectorAll('details').forEach((one) => one.open = true)")
            yield f"{path} {number}", await look(page)
        for hidden in (True, False) if path in FORMS else ():
            await page.goto(address(self.world, VISITS[path][0]), wait_until="load")
            async with page.expect_navigation(wait_until="load") as answered:
                await page.evaluate(FILL, [self.world.whole, hidden])
            answer = await answered.value
            assert answer is not None
            assert 400 <= answer.status < 500, f"expected {path} to be refused, but it is {answer.status}"
            yield f"{path} refused {hidden}", await look(page)
        await page.close()


async def looker(stack: AsyncExitStack, browser: Browser, world: World, origin: str, *, policy: bool) -> Looker:
    """`policy` False: the browser does not heed the policy of the pages."""
    context = await browser.new_context(base_url=origin, bypass_csp=not policy, reduced_motion="reduce")
    stack.push_async_callback(context.close)
    context.set_default_timeout(PATIENCE_MS)
    signs = Signs(Watch(origin))
    await signs.over(context)
    session = world.visitor.cookies["mobius_session"]
    await context.add_cookies([{"name": "mobius_session", "value": session, "url": f"{origin}{HOME}"}])
    return Looker(world, context, signs)


@pytest.fixture(scope="module")
async def hostile(installation: Installation) -> AsyncIterator[World]:
    async with made_of(installation, PAYLOADS) as world:
        yield world


@pytest.fixture(scope="module")
async def plain(installation: Installation, browser: Browser) -> Plain:
    """Learnt from the twin."""
    known = Plain()
    async with made_of(installation, HARMLESS) as twin, AsyncExitStack() as stack:
        looking = await looker(stack, browser, twin, installation.stack.api_url, policy=True)
        for path in VISITS:
            async for place, looked in looking.walk(path):
                known.learn(place, looked)
        assert looking.signs.verdict() == []
    return known


POLICIES = [pytest.param(True, id="under the policy", marks=pytest.mark.nightly), pytest.param(False, id="without")]
"""Without the policy a script that got in would run: that is looked at by day."""


@pytest.fixture(scope="module", params=POLICIES)
async def looking(
    request: pytest.FixtureRequest, installation: Installation, browser: Browser, hostile: World
) -> AsyncIterator[Looker]:
    async with AsyncExitStack() as stack:
        yield await looker(stack, browser, hostile, installation.stack.api_url, policy=request.param)


def test_every_page_is_looked_at() -> None:
    assert set(VISITS) == {page.path for page in PAGES}
    assert set(VISITS) >= FORMS
    assert len(PAYLOADS) >= 40
    assert max(map(len, PAYLOADS)) <= 128


@pytest.mark.parametrize("path", VISITS)
async def test_on_a_page_every_text_is_text(looking: Looker, plain: Plain, path: str) -> None:
    shown: set[int] = set()
    async for place, looked in looking.walk(path):
        assert plain.strange(place, looked) == [], place
        shown |= seen_in(looked, PAYLOADS)
    assert looking.signs.verdict() == []
    assert len(shown) >= (40 if path in LOUD or path in FORMS else 1), f"expected texts on {path}, but saw {shown}"


async def test_in_drawings_every_text_is_text(looking: Looker, plain: Plain) -> None:
    page = await looking.context.new_page()
    for path in (f"{looking.world.path}/workflows/whole", f"{looking.world.path}/runs/{looking.world.runs['well']}"):
        await page.goto(path, wait_until="load")
        drawn = await page.evaluate("[...document.querySelectorAll('svg')].map((one) => one.textContent).join('\\n')")
        assert "__pwned(" in drawn
        assert plain.strange("", await look(page)) == []
    assert looking.signs.verdict() == []


async def test_in_addresses_every_text_is_text(looking: Looker, plain: Plain) -> None:
    page = await looking.context.new_page()
    await page.goto(HOME)
    addresses = [*_with_parameters(looking.world), *_with_segments(looking.world)]
    looks: list[Looked] = []
    for start in range(0, len(addresses), 16):
        looks += await page.evaluate(FETCH, addresses[start : start + 16])

    assert len(looks) == len(addresses) > 500
    for one, looked in zip(addresses, looks, strict=True):
        assert plain.strange("", looked) == [], one
    assert any(seen_in(looked, PAYLOADS) for looked in looks)
    for one in (addresses[7], addresses[len(addresses) // 2], addresses[-1]):
        await page.goto(one, wait_until="load")
        assert plain.strange("", await look(page)) == [], one
    assert looking.signs.verdict() == []


async def test_at_the_door_every_text_is_text(looking: Looker, plain: Plain) -> None:
    page = await looking.context.new_page()
    for number, text in enumerate(PAYLOADS):
        if number % 8 == 0:
            await page.goto(f"{HOME}/sign-in?next={quote(text, safe='')}", wait_until="load")
            async with page.expect_navigation(wait_until="load"):
                await page.evaluate(FILL, [text, True])
            assert [one for one in plain.strange("", await look(page)) if one not in _OF_THE_DOOR] == []
            assert page.url.startswith(f"{looking.signs.watch.origin}{HOME}/sign-in")
    assert looking.signs.verdict() == []


_OF_THE_DOOR = ("an attribute autofocus",)


async def test_what_comes_live_is_text(looking: Looker, plain: Plain) -> None:
    world, name = looking.world, f"a-{token_hex(4)}"
    late = f"<img src=x onerror=__pwned('{name}')><script>__pwned('{name}')</script>"
    held = await world.begin(LEFT, PAYLOADS[0])
    pages = {path: await looking.context.new_page() for path in ("actions", "workflows", "runs", f"runs/{held}")}
    await until(world.visitor, f"{world.path}/runs/{held}", "status active")
    for path, page in pages.items():
        await page.goto(f"{world.path}/{path}", wait_until="load")
        await page.wait_for_function("document.documentElement.dataset.live === 'on'")
    await _said_late(world, late, name)
    for path, page in pages.items():
        await page.wait_for_function(
            "(text) => document.querySelector('[data-live]').textContent.includes(text)", arg=late
        )
        assert plain.strange("", await look(page)) == [], path
    assert looking.signs.verdict() == []


async def _said_late(world: World, text: str, name: str) -> None:
    """Something new for each page: an action, a workflow, a run, and the end of the run that waits."""
    url = f"https://example.com/{name}"
    await world.caller.create("actions", {"name": name, "endpoint_url": url, "title": text, "description": text})
    spec = one_step(ANSWERING, text)
    await world.caller.create("workflows", {"name": text, "handle": name, "description": text, "spec": spec})
    run: JsonObject = {"mode": "inline", "spec": spec, "external_id": text, "dry_run": True}
    await world.caller.create("runs", run)
    await worked(world.caller, LEFT, text, text, "failed")


def _with_parameters(world: World) -> list[str]:
    """Every page with every parameter; the texts take turns."""
    found: list[str] = []
    for path in VISITS:
        base = address(world, VISITS[path][0]).partition("?")[0]
        for name in PARAMETERS:
            text = PAYLOADS[(len(found) * 7) % len(PAYLOADS)]
            found.append(f"{base}?{name}={quote(text, safe='')}")
    return found


def _with_segments(world: World) -> list[str]:
    """Every page with a text in the place of what it is about, and the way there with a text at its end."""
    found: list[str] = []
    for path in VISITS:
        for text in PAYLOADS[len(found) % 5 :: 5]:
            if "\x0b" not in text:
                whole = path.replace("{project}", world.tenant.project) if path.count("{") > 1 else path
                found.append(HOME + re.sub(r"\{\w+\}", lambda _: quote(text, safe=""), whole))  # noqa: B023
                found.append(f"{HOME}/{quote(text, safe='')}")
    return found


PLANTED: Mapping[str, tuple[str, str]] = {
    "a text": ("{{ project.name }}", "{{ project.name | safe }}"),
    "an attribute": ("<strong>{{ project.name }}", "<strong title={{ project.name | safe }}>"),
    "a template without escaping": (
        "{% block live %}",
        "{% block live %}{% autoescape false %}{{ projects[0].name }}{% endautoescape %}",
    ),
    "a text that is called markup": ("{{ project.name }}", "{{ markup(project.name) }}"),
}
"""Mistakes in the page of projects."""


@pytest.mark.parametrize("policy", POLICIES)
@pytest.mark.parametrize("mistake", [None, *PLANTED])
async def test_a_mistake_would_be_found(browser: Browser, mistake: str | None, policy: bool) -> None:
    """The same looks at the page of projects, made from templates of which one is wrong, find it."""
    strange: list[str] = []
    async with LocalServer(_served(mistake)) as server, AsyncExitStack() as stack:
        for payloads in (HARMLESS, PAYLOADS):
            context = await browser.new_context(base_url=server.url, bypass_csp=not policy)
            stack.push_async_callback(context.close)
            signs = Signs(Watch(server.url))
            await signs.over(context)
            page = await context.new_page()
            if payloads is HARMLESS:
                await page.goto("/harmless", wait_until="load")
                known = Plain()
                known.learn("", await look(page))
                assert signs.verdict() == []
                continue
            await page.goto("/hostile", wait_until="commit")
            await asyncio.sleep(0)
            await page.wait_for_load_state("load")
            strange = [*known.strange("", await look(page)), *signs.verdict()]

    if mistake is None:
        assert strange == []
        return
    found = " ".join(strange)
    assert "expected {'script': 1," in found
    assert ("policy script-src" if policy else "ran ") in found


def _stays(text: str) -> bool:
    """Whether the page is still there to be looked at when it was taken for what it wants to be."""
    return not any(word in text for word in ("refresh", "location", "srcdoc", "<iframe", "<object", "<embed"))


def _served(mistake: str | None) -> web.Application:
    """The page of projects that are called so, from the real templates but for the mistake."""
    loader = PackageLoader("services.audit.dashboard")
    source = loader.get_source(Environment(autoescape=True), "projects.html")[0]
    if mistake is not None:
        assert source.count(PLANTED[mistake][0]) == 1
        source = source.replace(*PLANTED[mistake])
    environment = render._environment().overlay(loader=ChoiceLoader([DictLoader({"projects.html": source}), loader]))
    environment.globals["markup"] = Markup

    async def page(request: web.Request) -> web.Response:
        texts = PAYLOADS if request.path == "/hostile" else HARMLESS
        context = {
            "visit": None,
            "project": "",
            "title": "Projects",
            "section": "",
            "api": None,
            "base": "",
            "page_live": False,
            "projects": [SimpleNamespace(name=text, handle="x", archived=False) for text in texts if _stays(text)],
        }
        text = environment.get_template("projects.html").render(context)
        return web.Response(text=text, content_type="text/html", headers=HEADERS)

    async def file(request: web.Request) -> web.Response:
        found = render.asset(request.match_info["name"])
        assert found is not None
        return web.Response(body=found[0], headers={"Content-Type": found[1]})

    app = web.Application()
    app.router.add_get(f"{HOME}/static/{{name}}", file)
    app.router.add_get("/{which:hostile|harmless}", page)
    return app
