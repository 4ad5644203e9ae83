"""An administrator's calls."""

from dataclasses import dataclass
from typing import cast

import aiohttp

from libs.contracts.codec import JsonObject, parse_json


@dataclass
class Client:
    """Calls one replica of a service; `token` is an administrator's unless a call says otherwise."""

    http: aiohttp.ClientSession
    origin: str
    token: str

    async def call(self, method: str, path: str, body: object = None, token: str = "") -> tuple[int, JsonObject]:
        headers = {"Authorization": f"Bearer {token or self.token}", "Content-Type": "application/json"}
        async with self.http.request(method, self.origin + path, json=body, headers=headers) as response:
            raw = await response.read()
            return response.status, cast(JsonObject, parse_json(raw)) if raw else {}

    async def items(self, path: str) -> list[JsonObject]:
        """What a list holds, page by page."""
        found: list[JsonObject] = []
        cursor = ""
        while True:
            status, page = await self.call("GET", f"{path}?limit=3{cursor}")
            assert status == 200, page
            found += cast(list[JsonObject], page["items"])
            if not page["has_more"]:
                return found
            cursor = f"&cursor={page['next_cursor']}"

    async def metric(self, line: str) -> float:
        """The value behind a name with its labels; 0 where there is none."""
        headers = {"Authorization": f"Bearer {self.token}"}
        async with self.http.get(f"{self.origin}/metrics", headers=headers) as response:
            text = await response.text()
        values = [row.rpartition(" ")[2] for row in text.splitlines() if row.startswith(f"{line} ")]
        return float(values[0]) if values else 0.0
