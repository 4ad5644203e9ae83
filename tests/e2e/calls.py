"""A caller that sends exactly what it is told to, good or bad, and shows the answer as it came."""

from base64 import b64decode
from collections.abc import Mapping
from dataclasses import dataclass
from io import BytesIO
from typing import cast

import aiohttp
from yarl import URL

from libs.contracts.codec import Json, JsonObject, dump_json, parse_json


@dataclass(frozen=True)
class Reply:
    """One answer."""

    status: int
    headers: Mapping[str, str]
    raw: bytes

    @property
    def json(self) -> JsonObject:
        document = parse_json(self.raw)
        assert isinstance(document, dict), self.raw
        return document

    def text(self, name: str) -> str:
        """A field that is text."""
        value = self.json[name]
        assert isinstance(value, str), value
        return value

    @property
    def items(self) -> list[JsonObject]:
        """The items of a list."""
        return cast("list[JsonObject]", self.json["items"])


class Caller:
    """Paths that begin with a slash are whole, the others are below the project. Nothing is escaped or tidied."""

    def __init__(self, client: aiohttp.ClientSession, origin: str, project: str, key: str) -> None:
        self._client = client
        self._origin = origin
        self._project = project
        self._key = key

    async def get(self, path: str) -> Reply:
        return await self.call("GET", path)

    async def post(self, path: str, body: Json) -> Reply:
        return await self.call("POST", path, dump_json(body))

    async def create(self, path: str, body: Json) -> Reply:
        """A post that has to make something."""
        reply = await self.post(path, body)
        assert reply.status in (201, 202), reply.raw
        return reply

    async def call(
        self,
        method: str,
        path: str,
        raw: bytes | None = None,
        headers: Mapping[str, str] | None = None,
        authorization: str | None = "",
    ) -> Reply:
        """`authorization` is the whole header, None leaves it out, "" is the administrator's key."""
        sent = dict(headers or {})
        if authorization is not None:
            sent["Authorization"] = authorization or f"Bearer {self._key}"
        if raw is not None:
            sent = {"Content-Type": "application/json"} | sent
        whole = path if path.startswith("/") else f"/v1/projects/{self._project}/{path}"
        url = URL(self._origin + whole, encoded=True)
        data = raw if raw is None else BytesIO(raw)
        async with self._client.request(method, url, data=data, headers=sent, allow_redirects=False) as answer:
            return Reply(answer.status, answer.headers, await answer.read())


def value_of(result_b64: str | None) -> Json:
    """What a `result_b64` holds."""
    return parse_json(b64decode(result_b64 or ""))
