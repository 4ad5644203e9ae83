"""Somebody who looks at the dashboard without script: keeps cookies, follows redirects if asked, sends forms."""

import re
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass, field
from html import unescape

import aiohttp
from yarl import URL

HOME = "/dashboard"
_CSRF = re.compile(r'name="csrf" value="([^"]*)"')


@dataclass(frozen=True)
class Seen:
    """What came back. `text` is the page's source."""

    status: int
    text: str
    headers: Mapping[str, str]

    @property
    def plain(self) -> str:
        """The source with its references resolved, to look for sentences in."""
        return unescape(self.text)

    @property
    def location(self) -> str:
        return self.headers.get("Location", "")

    @property
    def csrf(self) -> str:
        """The token of the page's forms."""
        found = _CSRF.search(self.text)
        assert found is not None, f"expected a form on the page, but it is {self.text[:300]}"
        return found[1]


@dataclass
class Visitor:
    """A browser at one installation. `cookies` are as they were last set."""

    client: aiohttp.ClientSession
    origin: str
    cookies: dict[str, str] = field(default_factory=dict)

    async def get(self, path: str, headers: Mapping[str, str] | None = None) -> Seen:
        return await self.request("GET", path, headers=headers)

    async def post(self, path: str, form: Mapping[str, str], headers: Mapping[str, str] | None = None) -> Seen:
        """Sends the fields as they are."""
        return await self.request("POST", path, form, headers)

    async def send(self, page: str, path: str, form: Mapping[str, str]) -> Seen:
        """Opens the page with the form, and sends it filled in to `path`."""
        return await self.post(path, {"csrf": (await self.get(page)).csrf, **form})

    async def sign_in(self, key: str, going: str = HOME) -> Seen:
        return await self.send(f"{HOME}/sign-in", f"{HOME}/sign-in", {"api_key": key, "next": going})

    async def sign_out(self) -> Seen:
        return await self.send(HOME, f"{HOME}/sign-out", {})

    async def request(
        self, method: str, path: str, form: Mapping[str, str] | None = None, headers: Mapping[str, str] | None = None
    ) -> Seen:
        """The path is asked for as it is written."""
        sent = dict(headers or {})
        if self.cookies:
            sent["Cookie"] = "; ".join(f"{name}={value}" for name, value in self.cookies.items())
        url = URL(f"{self.origin}{path}", encoded=True)
        asked = self.client.request(method, url, data=form, headers=sent, allow_redirects=False)
        async with asked as answer:
            self.cookies |= {name: morsel.value for name, morsel in answer.cookies.items()}
            return Seen(answer.status, await answer.text(), answer.headers)


@asynccontextmanager
async def visiting(origin: str) -> AsyncIterator[Visitor]:
    """A browser without a past."""
    timeout = aiohttp.ClientTimeout(total=40)
    async with aiohttp.ClientSession(timeout=timeout, cookie_jar=aiohttp.DummyCookieJar()) as client:
        yield Visitor(client, origin)
