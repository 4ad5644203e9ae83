"""Asks another service of this installation, with the caller's own key: it sees what the caller may see, and no more.

Not on the path of a run, and only where a replica that lags would be wrong
([decision 18](../../../docs/decisions/0018-the-catalog-asks-the-engine-who-depends-on-an-action.md)).
"""

from datetime import timedelta
from http import HTTPStatus
from urllib.parse import quote

import aiohttp

from libs.chassis.db.errors import Unavailable
from libs.chassis.http.call import BodyT_co, Call, QueryT_co

MOST_BYTES = 1_048_576


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
        if self._url is None or self._client is None:
            raise Unavailable(f"expected the address of the {self._name} among the settings, but there is none")
        path = "/".join(quote(segment, safe="") for segment in ("v1", "projects", call.project, *segments))
        headers = {
            "Authorization": call.headers.get("Authorization", ""),
            "Traceparent": call.traceparent,
            "X-Request-Id": call.request_id,
        }
        try:
            async with self._client.get(f"{self._url}/{path}", headers=headers, allow_redirects=False) as answer:
                body = await answer.content.read(MOST_BYTES + 1)
                while len(body) <= MOST_BYTES and not answer.content.at_eof():
                    body += await answer.content.read(MOST_BYTES + 1 - len(body))
        except (aiohttp.ClientError, OSError, TimeoutError) as error:
            raise Unavailable(f"expected an answer of the {self._name}, but {type(error).__name__}: {error}") from error
        if answer.status != HTTPStatus.OK or len(body) > MOST_BYTES:
            raise Unavailable(f"expected 200 of the {self._name}, but got {answer.status} with {len(body)} bytes")
        return body
