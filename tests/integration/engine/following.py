"""A watcher of one run: reads server-sent events until the stream ends."""

import asyncio
from types import TracebackType
from typing import cast

import aiohttp

from libs.contracts.codec import Json, JsonObject, parse_json
from tests.integration.engine.running import Engine
from tests.integration.engine.speaking import TOKENS


class Following:
    """`async with Following(engine, run_id) as frames:`; then `next` or `rest`."""

    def __init__(self, engine: Engine, run_id: Json, since: int | None = None) -> None:
        query = "" if since is None else f"?since={since}"
        headers = {"Authorization": f"Bearer {TOKENS['viewer']}"}
        self._asking = engine.http.get(f"{engine.url}/runs/{run_id}/events{query}", headers=headers)

    async def __aenter__(self) -> "Following":
        self._response: aiohttp.ClientResponse = await self._asking
        assert self._response.status == 200
        assert self._response.headers["Content-Type"] == "text/event-stream"
        return self

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._response.close()

    async def next(self) -> JsonObject | None:
        """The next frame; None at the end."""
        fields: dict[str, str] = {}
        async with asyncio.timeout(20):
            while line := (await self._response.content.readline()).decode():
                name, _, value = line.rstrip("\n").partition(": ")
                if name:
                    fields[name] = value
                elif "data" in fields:
                    frame = cast(JsonObject, parse_json(fields["data"].encode()))
                    assert (fields["event"], fields["id"]) == (frame["type"], str(frame["seq"]))
                    return frame
        return None

    async def rest(self) -> list[JsonObject]:
        """All frames until the end."""
        frames: list[JsonObject] = []
        while (frame := await self.next()) is not None:
            frames.append(frame)
        return frames


def told(frame: JsonObject) -> tuple[Json, Json, Json]:
    """What a frame is about: sequence, type, status."""
    return frame["seq"], frame["type"], cast(JsonObject, frame["data"]).get("status")
