"""Whatever the dashboard answers keeps to itself: no frame around it, no copy in a cache, no script but its own."""

from collections.abc import AsyncIterator, Mapping

import pytest

from libs.contracts.codec import parse_json
from services.audit.dashboard.pages import COMMANDS, PAGES
from services.audit.dashboard.visit import Command, Page
from tests.e2e.installation import Installation
from tests.e2e.page_ground import DOOR, Ground, lying
from tests.e2e.visitor import HOME, Seen, Visitor

NOWHERE = [
    f"{HOME}/",
    f"{HOME}/nowhere",
    f"{HOME}/nowhere?status=x&status=y",
    f"{HOME}/projects",
    f"{HOME}/projects/default/nowhere",
    f"{HOME}/sign-in/more",
    f"{HOME}/%3Cscript%3Ealert(1)%3C/script%3E",
    f"{HOME}/static/nothing.css",
    f"{HOME}/static/..%2Frender.py",
]


@pytest.fixture(scope="module")
async def ground(installation: Installation) -> AsyncIterator[Ground]:
    async with lying(installation) as ground:
        yield ground


@pytest.fixture
def stranger(ground: Ground) -> Visitor:
    return Visitor(ground.pages.author.client, ground.pages.author.origin)


def assert_kept_to_itself(seen: Seen) -> None:
    policy = dict(part.strip().partition(" ")[::2] for part in seen.headers["Content-Security-Policy"].split(";"))
    assert policy["default-src"] == "'none'"
    assert policy["script-src"] == policy["style-src"] == policy["connect-src"] == policy["form-action"] == "'self'"
    assert policy["base-uri"] == policy["frame-ancestors"] == "'none'"
    assert policy["img-src"] == "'self' data:"
    assert "unsafe" not in seen.headers["Content-Security-Policy"]
    assert seen.headers["X-Frame-Options"] == "DENY"
    assert seen.headers["X-Content-Type-Options"] == "nosniff"
    assert seen.headers["Cache-Control"] == "no-store"
    assert seen.headers["Referrer-Policy"] == "same-origin"
    assert seen.headers["Cross-Origin-Opener-Policy"] == "same-origin"
    assert seen.headers["Content-Type"] == "text/html; charset=utf-8"
    assert "Access-Control-Allow-Origin" not in seen.headers
    assert "<script>" not in seen.text
    assert " style=" not in seen.text


@pytest.mark.parametrize("page", PAGES, ids=lambda page: f"{page.path or '/'}")
async def test_every_page(ground: Ground, stranger: Visitor, page: Page) -> None:
    address = ground.at(page.path)
    for who, statuses in (
        (ground.pages.author, {200, 303}),
        (ground.pages.viewer, {200, 303, 403}),
        (stranger, {303}),
    ):
        seen = await who.get(address)
        assert seen.status in statuses
        assert_kept_to_itself(seen)
        head = await who.request("HEAD", address)
        assert (head.status, head.text) == (seen.status, "")
        assert_kept_to_itself(head)


@pytest.mark.parametrize("command", COMMANDS, ids=lambda command: command.path)
async def test_every_command(ground: Ground, stranger: Visitor, command: Command) -> None:
    address, author = ground.at(command.path), ground.pages.author
    csrf = (await author.get(HOME)).csrf
    too_long = {"csrf": csrf, "name": "x" * 600_000}
    bad = {"csrf": csrf, **dict.fromkeys(ground.form(command), "<b>")}
    answers = [
        (await author.post(address, {}), {403}),
        (await author.post(address, too_long), {413}),
        (await author.post(address, {"csrf": csrf}, {"Content-Type": "text/plain"}), {400}),
        (await author.post(f"{address}?a=%ff", {"csrf": csrf}), {400}),
        (await ground.pages.viewer.post(address, {}), {403}),
        (await stranger.post(address, {}), {303}),
        *([(await author.post(address, bad), {400, 404, 409, 412, 422})] if len(bad) > 1 else []),
    ]
    if ground.form(command).keys() & {"name", "tag", "confirm"}:
        answers.append((await author.post(address, {"csrf": csrf}), {400, 404, 409, 412, 422}))
    for seen, statuses in answers:
        assert seen.status in statuses, seen.plain
        assert_kept_to_itself(seen)


@pytest.mark.parametrize("address", NOWHERE)
async def test_what_is_not_there_is_a_page_for_who_is_signed_in_and_the_door_for_strangers(
    ground: Ground, stranger: Visitor, address: str
) -> None:
    seen, sent = await ground.pages.viewer.get(address), await stranger.get(address)

    assert seen.status == 404
    assert "Nothing here" in seen.plain
    assert_kept_to_itself(seen)
    assert_kept_to_itself(sent)
    assert "script>alert" not in seen.text
    if "/static/" not in address:
        assert (sent.status, sent.location.partition("?")[0]) == (303, f"{HOME}/sign-in")
        back = await stranger.sign_in(ground.pages.tenant.token, address)
        assert back.location in (address, HOME)


@pytest.mark.parametrize("method", ["PUT", "DELETE", "PATCH", "OPTIONS", "TRACE", "PROPFIND"])
async def test_what_no_page_knows_how_to_do(ground: Ground, stranger: Visitor, method: str) -> None:
    for address in (HOME, f"{ground.pages.path}/actions", *DOOR):
        refused = await ground.pages.author.request(method, address)
        assert refused.status == 405, address
        assert refused.headers["Allow"] in ("GET", "POST", "GET, POST")
        assert_kept_to_itself(refused)
        sent = await stranger.request(method, address)
        assert sent.status == 303
        assert_kept_to_itself(sent)


@pytest.mark.parametrize("path", ["/%zz", "/a%00b", "/a%0d%0ab", "/%ff", "/projects/default/actions/%ff"])
async def test_an_address_that_cannot_be_read(ground: Ground, path: str) -> None:
    seen = await ground.pages.author.get(f"{HOME}{path}")

    assert seen.status == 400
    assert "Expected" in seen.plain
    assert_kept_to_itself(seen)


@pytest.mark.parametrize("path", ["", "/nowhere", "/projects/default"])
async def test_a_preflight_of_another_site_is_allowed_nothing(stranger: Visitor, path: str) -> None:
    asked: Mapping[str, str] = {"Origin": "https://evil.example", "Access-Control-Request-Method": "POST"}
    seen = await stranger.request("OPTIONS", f"{HOME}{path}", headers=asked)

    assert not [name for name in seen.headers if name.startswith("Access-Control-")]
    assert_kept_to_itself(seen)


async def test_beside_the_pages_the_api_answers_as_ever(stranger: Visitor) -> None:
    for path in ("/dashboards", "/v1/dashboard"):
        seen = await stranger.get(path)
        document = parse_json(seen.text.encode())
        assert seen.status in (401, 404)
        assert isinstance(document, dict)
        assert "error" in document
