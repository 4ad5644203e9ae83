"""The demo's way to the HTTP API: bearer key, JSON, paging, and patience with a service that is just restarting.

Every request of the demo may be sent twice without harm (runs are started under an `external_id`, the rest is looked
up when it exists), so a lost connection or a 502/503/504 is tried again until the patience runs out.
"""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from datetime import timedelta
from typing import TypeVar

import aiohttp
from pydantic import JsonValue

from demo.answers import Answer, Page
from libs.contracts.codec import InvalidJson, Json, JsonObject, dump_json, parse_json

PATIENCE = timedelta(seconds=60)
FIRST_PAUSE = timedelta(milliseconds=50)
LONGEST_PAUSE = timedelta(seconds=1)
PAGE_SIZE = 100
PASSING = frozenset({429, 502, 503, 504})

A = TypeVar("A", bound=Answer)


class ApiRefused(Exception):
    """Mobius answered with an error. `details` is the envelope's, {} without one."""

    def __init__(self, status: int, code: str, message: str, details: JsonObject) -> None:
        super().__init__(f"{status} {code}: {message}")
        self.status, self.code, self.details = status, code, details


class MobiusApi:
    """Paths are relative to the project, like `runs` or `actions/summarize-document`."""

    def __init__(self, session: aiohttp.ClientSession, project: str, patience: timedelta = PATIENCE) -> None:
        self._session = session
        self._prefix = f"/v1/projects/{project}/"
        self._patience = patience

    async def get(self, path: str, kind: type[A], query: Mapping[str, str] | None = None) -> A:
        return kind.model_validate(await self._patiently("GET", path, query=query))

    async def post(self, path: str, body: JsonObject, kind: type[A]) -> A:
        return kind.model_validate(await self._patiently("POST", path, body=body))

    async def all_of(self, path: str, kind: type[A], query: Mapping[str, str] | None = None) -> list[A]:
        """Every item of a list, page by page."""
        found: list[A] = []
        wanted = {**(query or {}), "limit": str(PAGE_SIZE)}
        while True:
            page = await self.get(path, Page, wanted)
            found += [kind.model_validate(item) for item in page.items]
            if not page.has_more or page.next_cursor is None:
                return found
            wanted["cursor"] = page.next_cursor

    @asynccontextmanager
    async def stream(self, path: str, since: int) -> AsyncIterator[aiohttp.StreamReader]:
        """An event stream with all events after `since`. Raises `ApiRefused`, or a `ClientError` when it breaks."""
        timeout = aiohttp.ClientTimeout(total=None, sock_connect=5, sock_read=60)
        async with self._session.get(self._prefix + path, params={"since": str(since)}, timeout=timeout) as answer:
            if answer.status != 200:
                raise _refused(answer.status, await answer.read())
            yield answer.content

    async def _patiently(
        self, method: str, path: str, query: Mapping[str, str] | None = None, body: JsonObject | None = None
    ) -> Json:
        loop = asyncio.get_running_loop()
        deadline = loop.time() + self._patience.total_seconds()
        pause = FIRST_PAUSE.total_seconds()
        while True:
            try:
                return await self._once(method, path, query, body)
            except (aiohttp.ClientConnectionError, TimeoutError, ApiRefused) as error:
                final = isinstance(error, ApiRefused) and error.status not in PASSING
                if final or loop.time() + pause > deadline:
                    raise
            await asyncio.sleep(pause)
            pause = min(pause * 2, LONGEST_PAUSE.total_seconds())

    async def _once(self, method: str, path: str, query: Mapping[str, str] | None, body: JsonObject | None) -> Json:
        data = None if body is None else dump_json(body)
        headers = {"Content-Type": "application/json"} if body is not None else None
        async with self._session.request(
            method, self._prefix + path, params=query, data=data, headers=headers
        ) as answer:
            raw = await answer.read()
            if answer.status >= 400:
                raise _refused(answer.status, raw)
            return parse_json(raw) if raw else None


@asynccontextmanager
async def connected(api_url: str, api_key: str, project: str) -> AsyncIterator[MobiusApi]:
    """An API client for one project, with its connections closed at the end."""
    headers = {"Authorization": f"Bearer {api_key}"}
    timeout = aiohttp.ClientTimeout(total=15)
    connector = aiohttp.TCPConnector(limit=0)
    async with aiohttp.ClientSession(api_url, headers=headers, timeout=timeout, connector=connector) as session:
        yield MobiusApi(session, project)


def _refused(status: int, raw: bytes) -> ApiRefused:
    """Reads `{"error": {"code", "message", "details"}}`; anything else is shown as it came."""
    error: Json | JsonValue = None
    try:
        envelope = parse_json(raw)
        error = envelope.get("error") if isinstance(envelope, dict) else None
    except InvalidJson:
        pass
    if not isinstance(error, dict):
        return ApiRefused(status, "no_envelope", raw[:300].decode(errors="replace"), {})
    details = error.get("details")
    return ApiRefused(
        status, str(error.get("code")), str(error.get("message")), details if isinstance(details, dict) else {}
    )
