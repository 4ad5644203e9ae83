"""Asks another service of this installation, with the caller's own key: it sees what the caller may see, and no more.

Not on the path of a run, and only where a replica that lags would be wrong
([decision 18](../../../docs/decisions/0018-the-catalog-asks-the-engine-who-depends-on-an-action.md)).
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

import aiohttp
from yarl import URL

from libs.chassis.db.errors import Unavailable
from libs.chassis.http.answers import JSON
from libs.chassis.http.call import BodyT_co, Call, QueryT_co
from libs.contracts.codec import Json, dump_json

MOST_BYTES = 1_048_576
"""The longest answer that is read (bytes)."""


@dataclass(frozen=True, slots=True)
class Reply:
    """What the other service answered, refusals included. `tag` is the header `ETag`, as it is sent back."""

    status: int
    body: bytes
    tag: str | None = None


class Neighbour:
    """Component. `url` is where the other service answers; None: nobody has said, and it cannot be asked."""

    def __init__(self, name: str, url: str | None, within: timedelta) -> None:
        self._name = name
        self._url = url
        self._timeout = aiohttp.ClientTimeout(total=within.total_seconds())
        self._client: aiohttp.ClientSession | None = None

    async def start(self) -> None:
        self._client = aiohttp.ClientSession(
            timeout=self._timeout, trust_env=False, cookie_jar=aiohttp.DummyCookieJar()
        )

    async def stop(self) -> None:
        if self._client is not None:
            await self._client.close()

    def ready(self) -> str | None:
        return None

    async def get(self, call: Call[BodyT_co, QueryT_co], *segments: str) -> bytes:
        """The body of what is answered with 200 below the call's project. Raises `Unavailable` for anything else."""
        path = "/".join(quote(segment, safe="") for segment in ("v1", "projects", call.project, *segments))
        reply = await self.ask(call, "GET", f"/{path}", call.headers.get("Authorization", ""))
        if reply.status != HTTPStatus.OK:
            raise Unavailable(f"expected 200 of the {self._name}, but got {reply.status}")
        return reply.body

    async def ask(
        self,
        call: Call[BodyT_co, QueryT_co],
        method: str,
        path: str,
        authorization: str,
        content: Json | None = None,
        headers: Mapping[str, str] | None = None,
    ) -> Reply:
        """Whatever is answered, in the trace of the call. `path` is encoded, with its query; `content` becomes a body
        of JSON. Raises `Unavailable` where nobody answers in time, or with too much."""
        if self._url is None or self._client is None:
            raise Unavailable(f"expected the address of the {self._name} among the settings, but there is none")
        url = URL(f"{self._url}{path}", encoded=True)
        sent = {**(headers or {}), **_carried(call), "Authorization": authorization}
        body = None if content is None else dump_json(content)
        if body is not None:
            sent["Content-Type"] = JSON
        try:
            async with self._client.request(method, url, headers=sent, data=body, allow_redirects=False) as answer:
                return Reply(answer.status, await self._whole(answer), answer.headers.get("ETag"))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable(f"expected an answer of the {self._name}, but {type(error).__name__}: {error}") from error

    async def _whole(self, answer: aiohttp.ClientResponse) -> bytes:
        body = await answer.content.read(MOST_BYTES + 1)
        while len(body) <= MOST_BYTES and not answer.content.at_eof():
            body += await answer.content.read(MOST_BYTES + 1 - len(body))
        if len(body) > MOST_BYTES:
            raise Unavailable(f"expected at most {MOST_BYTES} bytes of the {self._name}, but there are more")
        return body


def _carried(call: Call[BodyT_co, QueryT_co]) -> dict[str, str]:
    return {"Traceparent": call.traceparent, "X-Request-Id": call.request_id}
