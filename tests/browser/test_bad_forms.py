"""Forms that are filled in wrongly: what is wrong stands beside the field, is read out, and nothing typed is lost."""

import re
from collections.abc import AsyncIterator, Mapping
from dataclasses import dataclass

import pytest
from playwright.async_api import BrowserContext, Page, expect

from libs.contracts.codec import JsonObject
from tests.browser.accessibility import assert_accessible
from tests.browser.showroom import let_in
from tests.browser.walking import fill, labelled
from tests.browser.watch import Watch
from tests.e2e.installation import Installation
from tests.e2e.tenants import moved_in
from tests.e2e.visitor import HOME, visiting

SCHEMA: JsonObject = {
    "type": "object",
    "required": ["doc_id"],
    "properties": {
        "doc_id": {"type": "string", "maxLength": 64},
        "sentences": {"type": "integer", "minimum": 1},
        "options": {"type": "object"},
    },
}


@dataclass(frozen=True)
class BadForm:
    """A page below the project, what is typed by label, the button, the wrong field and what is said of it."""

    page: str
    typed: Mapping[str, str]
    button: str
    wrong: str
    sentence: str


_SPEC = '{"name": "x", "steps": [{"name": "one", "action": "nobody-knows"}, {"name": "two", "action": "known"}]}'
_FINE = {"Endpoint URL": "https://example.com/x"}

BAD: Mapping[str, BadForm] = {
    "a name": BadForm("actions/new", {"Name": "Not Like This", **_FINE}, "Register", "Name", "lower-case"),
    "a target": BadForm(
        "actions/new",
        {"Name": "x", "Endpoint URL": "http://169.254.169.254/x"},
        "Register",
        "Endpoint URL",
        "link-local",
    ),
    "a schema": BadForm(
        "actions/new", {"Name": "x", **_FINE, "Input schema": '{"type": '}, "Register", "Input schema", "expected"
    ),
    "a title": BadForm("actions/known/edit", {"Title": "x" * 300}, "Save", "Title", "at most 200 characters"),
    "a grace": BadForm(
        "actions/known/rotate", {"Grace in seconds": "99999999"}, "Rotate", "Grace in seconds", "2592000"
    ),
    "a name to confirm": BadForm(
        "actions/known/delete",
        {"Type its name to confirm": "knowm"},
        "Delete",
        "Type its name to confirm",
        "to be sure that this is meant",
    ),
    "a number": BadForm(
        "actions/known/try",
        {"doc_id": "typed", "sentences": "many"},
        "Start",
        "sentences",
        "expected an integer, but got 'many'",
    ),
    "an object": BadForm(
        "actions/known/try", {"doc_id": "typed", "options": '{"lang": '}, "Start", "options", "expected JSON"
    ),
    "a definition": BadForm(
        "workflows/new", {"Name": "typed", "Definition": _SPEC}, "Create the workflow", "Definition", "nobody-knows"
    ),
    "a definition that is no text of either kind": BadForm(
        "workflows/new", {"Name": "typed", "Definition": "{]"}, "Create the workflow", "Definition", "expected"
    ),
    "tags": BadForm(
        "workflows/new",
        {"Name": "typed", "Tags": "no colon", "Definition": "x: 1"},
        "Create the workflow",
        "Tags",
        "expected",
    ),
    "a handle": BadForm(
        "workflows/new",
        {"Name": "typed", "Handle": "Not Like This", "Definition": _SPEC.replace("nobody-knows", "known")},
        "Create the workflow",
        "Handle",
        "expected",
    ),
    "another version": BadForm("workflows/known/edit", {"Definition": "steps: 5"}, "Save", "Definition", "steps"),
    "an input": BadForm(
        "workflows/known/start",
        {"copies": "several", "doc_id": "typed"},
        "Start the run",
        "copies",
        "expected an integer",
    ),
}


@pytest.fixture(scope="module")
async def cookies(installation: Installation) -> AsyncIterator[tuple[str, Mapping[str, str]]]:
    """A project with an action and a workflow, which no form here changes; and who is signed in."""
    tenant = await moved_in(installation)
    await installation.endpoints.register(tenant.caller, "known", input_schema=SCHEMA)
    inputs: JsonObject = {"inputs": [{"name": "doc_id", "type": "string"}, {"name": "copies", "type": "integer"}]}
    step: JsonObject = {"name": "one", "action": "known", "parameters": {"doc_id": "${inputs.doc_id}"}}
    spec: JsonObject = {"name": "known", "steps": [step], **inputs}
    await tenant.caller.create("workflows", {"name": "known", "spec": spec})
    async with visiting(installation.stack.api_url) as visitor:
        await visitor.sign_in(tenant.token)
        yield f"{HOME}/projects/{tenant.project}", visitor.cookies


@pytest.mark.parametrize("bad", BAD.values(), ids=BAD)
async def test_what_is_wrong_stands_beside_its_field_and_nothing_typed_is_lost(
    context: BrowserContext,
    page: Page,
    watch: Watch,
    origin: str,
    cookies: tuple[str, Mapping[str, str]],
    bad: BadForm,
) -> None:
    home, known = cookies
    await let_in(context, origin, known)
    await page.goto(f"{home}/{bad.page}")
    await fill(page, bad.typed)
    watch.expect(r"status of 4\d\d")
    await page.get_by_role("button", name=bad.button, exact=True).click()

    await expect(page.get_by_role("alert")).to_be_visible()
    await _told_beside(page, bad.wrong, bad.sentence)
    for label, text in bad.typed.items():
        await expect(labelled(page, label)).to_have_value(text)
    await assert_accessible(page)


async def _told_beside(page: Page, label: str, sentence: str) -> None:
    """Whoever comes to the field is told, by ear or by eye: it is described by a sentence just below it."""
    field = labelled(page, label)
    await expect(field).to_have_attribute("aria-invalid", "true")
    await expect(field).to_be_focused()
    await expect(field).to_have_accessible_description(re.compile(re.escape(sentence)))
    below = page.locator(".field", has=field).locator(".wrong")
    await expect(below).to_contain_text(sentence)
    await expect(below).to_be_visible()


async def test_a_key_that_opens_nothing_is_told_at_the_door(page: Page, watch: Watch) -> None:
    await page.goto(HOME)
    await fill(page, {"API key": "mbx_of_nobody"})
    watch.expect("status of 401")
    await page.get_by_role("button", name="Sign in").click()

    await expect(page.get_by_role("alert")).to_be_visible()
    await _told_beside(page, "API key", "expected")
    await assert_accessible(page)


async def test_a_box_that_has_to_be_checked_is_told_beside_it(
    context: BrowserContext, page: Page, watch: Watch, origin: str, cookies: tuple[str, Mapping[str, str]]
) -> None:
    home, known = cookies
    await let_in(context, origin, known)
    await page.goto(f"{home}/actions/known/try")
    await fill(page, {"doc_id": "typed"})
    await page.get_by_label("For real").check()
    watch.expect("status of 400")
    await page.get_by_role("button", name="Start", exact=True).click()

    box = page.get_by_label("Yes, it may change something")
    await expect(box).to_have_accessible_description(re.compile("expected this box to be checked"))
    await expect(box).to_be_focused()
    await expect(page.get_by_label("For real")).to_be_checked()
    await expect(labelled(page, "doc_id")).to_have_value("typed")
