"""The dashboard's door: who comes in, with what, and what other sites cannot make a browser do."""

import asyncio
import re
from collections.abc import AsyncIterator

import pytest

from libs.chassis.db.link import Link
from tests.e2e.calls import Caller
from tests.e2e.installation import Installation
from tests.e2e.tenants import WITHIN_SECONDS, Tenant, key_of, moved_in
from tests.e2e.visitor import HOME, Visitor, visiting

UNKNOWN_KEY = "mbx_" + "0" * 43


@pytest.fixture
async def visitor(installation: Installation) -> AsyncIterator[Visitor]:
    async with visiting(installation.stack.api_url) as visitor:
        yield visitor


@pytest.fixture
async def signed_in(installation: Installation, visitor: Visitor) -> Visitor:
    assert (await visitor.sign_in(installation.stack.api_key)).status == 303
    return visitor


async def test_the_bare_address_leads_to_the_pages_and_they_to_the_door(visitor: Visitor) -> None:
    assert (await visitor.get("/")).location == HOME
    sent = await visitor.get(f"{HOME}/projects/default?name=a%20b")

    assert sent.status == 303
    assert sent.location == f"{HOME}/sign-in?next=%2Fdashboard%2Fprojects%2Fdefault%3Fname%3Da%2520b"
    assert 'value="/dashboard/projects/default?name=a%20b"' in (await visitor.get(sent.location)).text


async def test_a_good_key_opens_a_session_that_says_nothing_of_it(installation: Installation, visitor: Visitor) -> None:
    came = await visitor.sign_in(installation.stack.api_key, f"{HOME}/projects/default")

    assert (came.status, came.location) == (303, f"{HOME}/projects/default")
    assert re.fullmatch(
        r"mobius_session=[\w-]{43}; Path=/dashboard; Max-Age=43200; HttpOnly; SameSite=Lax", came.headers["Set-Cookie"]
    )
    page = await visitor.get(HOME)
    assert page.status == 200
    assert installation.stack.api_key not in page.text
    assert visitor.cookies["mobius_session"] not in page.text


async def test_over_tls_cookies_travel_by_tls_only(installation: Installation, visitor: Visitor) -> None:
    door = installation.stack.service_url("audit")
    behind = Visitor(visitor.client, door)
    headers = {"X-Forwarded-Proto": "https", "X-Forwarded-Host": "mobius.example"}
    asked = await behind.get(f"{HOME}/sign-in", headers)
    assert asked.headers["Set-Cookie"].endswith("; HttpOnly; SameSite=Lax; Secure")
    form = {"csrf": asked.csrf, "api_key": installation.stack.api_key}
    came = await behind.post(f"{HOME}/sign-in", form, {**headers, "Origin": "https://mobius.example"})
    assert came.status == 303
    assert came.headers["Set-Cookie"].endswith("; HttpOnly; SameSite=Lax; Secure")
    page = await behind.get(HOME, headers)
    assert "https://mobius.example/v1/projects" in page.text


@pytest.mark.parametrize(
    "key", ["", UNKNOWN_KEY, "mbx_", "Bearer x", "mbx_x y", "x\r\nX-Odd: 1", "é" * 50, "mbx_" + "a" * 7000]
)
async def test_a_key_that_is_none_is_refused_and_not_shown_again(visitor: Visitor, key: str) -> None:
    came = await visitor.sign_in(key)

    assert came.status == 401
    assert "expected an API key that is good" in came.plain
    assert len(key) < 8 or key not in came.plain
    assert "mobius_session" not in visitor.cookies


async def test_a_session_begins_with_a_token_of_its_own(installation: Installation, visitor: Visitor) -> None:
    """Session fixation: what somebody had planted before is not what is signed in."""
    planted = "A" * 43
    visitor.cookies["mobius_session"] = planted
    await visitor.sign_in(installation.stack.api_key)
    first = visitor.cookies["mobius_session"]
    assert first != planted
    await visitor.sign_in(installation.stack.api_key)
    assert visitor.cookies["mobius_session"] not in (planted, first)
    visitor.cookies["mobius_session"] = planted
    assert (await visitor.get(HOME)).location.startswith(f"{HOME}/sign-in")


async def test_signing_out_ends_the_session_wherever_its_cookie_is(signed_in: Visitor) -> None:
    copied = signed_in.cookies["mobius_session"]
    gone = await signed_in.sign_out()

    assert (gone.status, gone.location) == (303, f"{HOME}/sign-in")
    assert signed_in.cookies["mobius_session"] == ""
    signed_in.cookies["mobius_session"] = copied
    assert (await signed_in.get(HOME)).status == 303


async def test_a_session_ends_with_its_time(installation: Installation, signed_in: Visitor) -> None:
    link = Link(installation.stack.postgres_url, "test")
    await link.rows("UPDATE audit.sessions SET expires_at = now()")
    assert (await signed_in.get(HOME)).status == 303
    await signed_in.sign_in(installation.stack.api_key)
    (left,) = await link.rows("SELECT count(*) AS sessions FROM audit.sessions")
    await link.close()
    assert left["sessions"] == 1


async def test_a_session_ends_with_its_key(installation: Installation, visitor: Visitor) -> None:
    tenant = await moved_in(installation, "viewer")
    await visitor.sign_in(tenant.token)
    assert (await visitor.get(HOME)).status == 200
    await installation.caller.call("DELETE", f"/v1/api-keys/{tenant.key_id}")

    async with asyncio.timeout(WITHIN_SECONDS):
        while (await visitor.get(HOME)).status == 200:
            await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    "headers",
    [
        {"Sec-Fetch-Site": "cross-site"},
        {"Sec-Fetch-Site": "same-site"},
        {"Sec-Fetch-Site": "none"},
        {"Origin": "https://evil.example"},
        {"Origin": "null"},
        {"Content-Type": "text/plain"},
    ],
    ids=str,
)
async def test_a_form_of_another_site_does_nothing(
    installation: Installation, signed_in: Visitor, headers: dict[str, str]
) -> None:
    token = (await signed_in.get(HOME)).csrf
    assert (await signed_in.post(f"{HOME}/sign-out", {"csrf": token}, headers)).status in (400, 403)
    assert (await signed_in.get(HOME)).status == 200
    fresh = Visitor(signed_in.client, signed_in.origin)
    door = await fresh.get(f"{HOME}/sign-in")
    form = {"csrf": door.csrf, "api_key": installation.stack.api_key}
    assert (await fresh.post(f"{HOME}/sign-in", form, headers)).status in (400, 403)
    assert "mobius_session" not in fresh.cookies


async def test_a_form_needs_the_token_of_this_very_session(installation: Installation, signed_in: Visitor) -> None:
    other = Visitor(signed_in.client, signed_in.origin)
    await other.sign_in(installation.stack.api_key)
    foreign = (await other.get(HOME)).csrf
    for token in ("", "x", "é", foreign, foreign.upper()):
        refused = await signed_in.post(f"{HOME}/sign-out", {"csrf": token})
        assert refused.status == 403
        assert "sent by another site or an older page" in refused.plain
    assert (await signed_in.post(f"{HOME}/sign-out", {})).status == 403
    assert (await signed_in.get(HOME)).status == 200


async def test_nobody_signs_another_browser_in(installation: Installation, visitor: Visitor) -> None:
    """Login CSRF: the form of one browser is worth nothing in another."""
    victim = Visitor(visitor.client, visitor.origin)
    await victim.get(f"{HOME}/sign-in")
    token = (await visitor.get(f"{HOME}/sign-in")).csrf
    refused = await victim.post(f"{HOME}/sign-in", {"csrf": token, "api_key": installation.stack.api_key})
    assert refused.status == 403
    assert "mobius_session" not in victim.cookies


@pytest.mark.parametrize(
    "going",
    [
        "https://evil.example/dashboard",
        "//evil.example/dashboard",
        "/\\evil.example",
        "/dashboard//evil.example",
        "/dashboard/../../evil",
        "/dashboard\r\nSet-Cookie: a=b",
        "/dashboard/\t//evil.example",
        "dashboard",
        "/dashboardx",
        "/dashboard@evil.example",
        "javascript:alert(1)",
        "/v1/projects",
        "",
    ],
)
async def test_the_door_leads_nowhere_else(installation: Installation, visitor: Visitor, going: str) -> None:
    came = await visitor.sign_in(installation.stack.api_key, going)
    assert (came.status, came.location) == (303, HOME)


async def test_every_answer_keeps_to_itself(signed_in: Visitor) -> None:
    stranger = Visitor(signed_in.client, signed_in.origin)
    pages = [
        await signed_in.get(HOME),
        await signed_in.get(f"{HOME}/projects/nowhere"),
        await signed_in.post(f"{HOME}/sign-out", {}),
        await stranger.get(HOME),
        await stranger.get(f"{HOME}/sign-in"),
        await stranger.sign_in(UNKNOWN_KEY),
    ]
    assert [page.status for page in pages] == [200, 404, 403, 303, 200, 401]
    for page in pages:
        policy = page.headers["Content-Security-Policy"]
        assert "default-src 'none'" in policy
        assert "frame-ancestors 'none'" in policy
        assert "unsafe" not in policy
        assert page.headers["X-Frame-Options"] == "DENY"
        assert page.headers["Cache-Control"] == "no-store"
        assert page.headers["Referrer-Policy"] == "same-origin"
        assert "<script>" not in page.text
        assert " style=" not in page.text


async def test_a_stranger_follows_nothing(visitor: Visitor) -> None:
    asked = await visitor.get(HOME, {"Accept": "text/event-stream"})
    assert asked.status == 303


async def test_projects_of_others_are_nowhere(installation: Installation, visitor: Visitor) -> None:
    tenant: Tenant = await moved_in(installation)
    await visitor.sign_in(tenant.token)
    listed = await visitor.get(HOME)
    assert f"/projects/{tenant.project}/" in listed.text
    assert f"/projects/{installation.stack.project}/" not in listed.text
    foreign = await visitor.get(f"{HOME}/projects/{installation.stack.project}")
    unknown = await visitor.get(f"{HOME}/projects/nowhere-at-all")
    assert foreign.status == unknown.status == 404
    assert foreign.text == unknown.text


async def test_a_narrowed_key_opens_its_project_only(
    installation: Installation, caller: Caller, visitor: Visitor
) -> None:
    tenant = await moved_in(installation)
    key = await key_of(caller, "viewer", None)
    await visitor.sign_in(f"{tenant.project}/{key['key']}")
    listed = await visitor.get(HOME)
    assert f"/projects/{tenant.project}/" in listed.text
    assert f"/projects/{installation.stack.project}/" not in listed.text
