"""Who may do what by forms: every command with every role, in open projects and archived ones.

A viewer changes nothing by any request, and no page offers it; what other sites make a browser send changes nothing.
"""

import asyncio
import re
from collections.abc import AsyncIterator, Mapping

import pytest

from libs.chassis.http import Role
from services.audit.dashboard.pages import COMMANDS, PAGES
from services.audit.dashboard.visit import Command
from tests.e2e.installation import Installation
from tests.e2e.page_ground import DOOR, FORMS, Ground, form_paths, lying, state_of
from tests.e2e.reading_pages import PATIENCE_SECONDS
from tests.e2e.visitor import HOME, Visitor

FOREIGN: Mapping[str, Mapping[str, str]] = {
    "another site": {"Sec-Fetch-Site": "cross-site"},
    "a neighbour": {"Sec-Fetch-Site": "same-site"},
    "a typed address": {"Sec-Fetch-Site": "none"},
    "another origin": {"Origin": "https://evil.example"},
    "an origin that hides": {"Origin": "null"},
    "an origin like ours": {"Origin": "http://127.0.0.1.evil.example"},
}

for_every_command = pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.path.rpartition("}/")[2])


@pytest.fixture(scope="module")
async def ground(installation: Installation) -> AsyncIterator[Ground]:
    """Nothing here is changed by any of these tests."""
    async with lying(installation) as ground:
        yield ground


@pytest.fixture(scope="module")
async def archived(installation: Installation) -> AsyncIterator[Ground]:
    """The same in a project that is archived, as all services know."""
    async with lying(installation) as ground:
        path = f"/v1/projects/{ground.pages.tenant.project_id}/archive"
        assert (await installation.caller.call("POST", path)).status == 200
        page = f"{ground.pages.path}/actions"
        async with asyncio.timeout(PATIENCE_SECONDS):
            while f"{page}/new" in (await ground.pages.author.get(page)).text:
                await asyncio.sleep(0.05)
        yield ground


def test_every_form_of_the_dashboard_has_a_row_here() -> None:
    assert {command.path for command in COMMANDS} == set(FORMS)
    assert form_paths() == {*DOOR, *(f"{HOME}{path}" for path in FORMS)}
    assert all(command.role >= Role.AUTHOR for command in COMMANDS), "expected rows of their own for smaller roles"


@for_every_command
@pytest.mark.parametrize("role", ["viewer", "worker"])
async def test_a_key_of_too_little_changes_nothing(ground: Ground, command: Command, role: str) -> None:
    who = {"viewer": ground.pages.viewer, "worker": ground.worker}[role]
    before = await state_of(ground.pages.caller)

    refused = await ground.send(who, command)

    assert refused.status == 403
    assert f"Expected a key with the role author, but it has {role}" in refused.plain
    assert _offered(refused.text) == []
    assert await state_of(ground.pages.caller) == before


@for_every_command
async def test_an_authors_key_can(installation: Installation, command: Command) -> None:
    async with lying(installation) as ground:
        before = await state_of(ground.pages.caller)

        done = await ground.send(ground.pages.author, command)

        assert done.status in (200, 303), done.plain
        assert await state_of(ground.pages.caller) != before


@for_every_command
async def test_an_archived_project_takes_no_change_but_the_end_of_what_runs(archived: Ground, command: Command) -> None:
    if not command.edits:
        assert (await archived.send(archived.pages.author, command)).status in (303, 409)
        return
    before = await state_of(archived.pages.caller)

    refused = await archived.send(archived.pages.author, command)

    assert refused.status == 409
    assert "archived" in refused.plain
    assert await state_of(archived.pages.caller) == before


@pytest.mark.parametrize("role", ["viewer", "worker"])
async def test_what_a_key_may_not_do_is_offered_nowhere(ground: Ground, role: str) -> None:
    who = {"viewer": ground.pages.viewer, "worker": ground.worker}[role]
    assert any(page.role >= Role.AUTHOR for page in PAGES)
    for page in PAGES:
        seen = await who.get(ground.at(page.path))
        if page.role >= Role.AUTHOR or page.path in FORMS:
            assert seen.status == 403, page.path
        else:
            assert seen.status in (200, 303), page.path
        assert _offered(seen.text) == [], page.path


async def test_an_archived_project_offers_no_editing(archived: Ground) -> None:
    for page in PAGES:
        seen = await archived.pages.author.get(archived.at(page.path))
        if page.path not in FORMS:
            assert [one for one in _offered(seen.text) if not one.endswith("/cancel")] == [], page.path


async def test_the_same_search_finds_what_an_author_is_offered(ground: Ground) -> None:
    seen = [(await ground.pages.author.get(ground.at(page.path))).text for page in PAGES]
    offered = {re.sub(r"\?.*", "", one) for text in seen for one in _offered(text)}

    assert {ground.at(path) for path in FORMS if "{handle}" not in path} <= offered
    assert {f"{ground.pages.path}/workflows/kept/{what}" for what in ("edit", "start")} <= offered


@for_every_command
@pytest.mark.parametrize("how", FOREIGN)
async def test_a_form_that_another_site_sends_changes_nothing(ground: Ground, command: Command, how: str) -> None:
    before = await state_of(ground.pages.caller)

    refused = await ground.send(ground.pages.author, command, **FOREIGN[how])

    assert refused.status == 403
    assert "sent by another site or an older page" in refused.plain
    assert await state_of(ground.pages.caller) == before


@for_every_command
async def test_a_form_without_this_sessions_token_changes_nothing(ground: Ground, command: Command) -> None:
    author, address = ground.pages.author, ground.at(command.path)
    other = Visitor(author.client, author.origin)
    assert (await other.sign_in(ground.pages.tenant.token)).status == 303
    mine, foreign = (await author.get(HOME)).csrf, (await other.get(HOME)).csrf
    before = await state_of(ground.pages.caller)

    for token in (None, "", "x", foreign, mine.upper(), mine[:-1], f"{mine} "):
        form = ground.form(command) if token is None else {"csrf": token, **ground.form(command)}
        assert (await author.post(address, form)).status == 403, token
    in_the_address = await author.post(f"{address}?csrf={mine}", ground.form(command))
    as_a_get = await author.get(address)

    assert mine != foreign
    assert in_the_address.status == 403
    assert as_a_get.status in (200, 405)
    assert await state_of(ground.pages.caller) == before


@for_every_command
async def test_a_stranger_is_sent_to_the_door(ground: Ground, command: Command) -> None:
    stranger = Visitor(ground.pages.author.client, ground.pages.author.origin)
    before = await state_of(ground.pages.caller)

    sent = await stranger.post(ground.at(command.path), ground.form(command))

    assert (sent.status, sent.location) == (303, f"{HOME}/sign-in")
    assert await state_of(ground.pages.caller) == before


def _offered(text: str) -> list[str]:
    """The addresses of commands and of their pages that a page leads to."""
    links = re.findall(r'(?:href|action|formaction)="([^"#]*)', text)
    shapes = [re.compile(HOME + re.sub(r"\{\w+\}", "[^/?]+", path) + r"(\?.*)?") for path in FORMS]
    return [link for link in links if any(shape.fullmatch(link) for shape in shapes)]
