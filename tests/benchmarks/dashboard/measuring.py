"""One visitor on one connection looks at every page in turn, and beside each look its raw query is asked."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from time import perf_counter

import aiohttp
import asyncpg
from asyncpg.prepared_stmt import PreparedStatement

from tests.benchmarks.dashboard.filling import QUERIES, Tell
from tests.benchmarks.dashboard.looks import Look
from tests.e2e.visitor import HOME, Visitor

ROW = b"<tr"
EVENT = b"event: region"
END_OF_EVENT = b"\n\n"


@dataclass(slots=True)
class Taken:
    """Milliseconds of each look and of each raw query; bytes of the last page."""

    page: list[float] = field(default_factory=list)
    raw: list[float] = field(default_factory=list)
    size: int = 0


class Watcher:
    """Looks, as somebody who is signed in."""

    def __init__(self, visitor: Visitor, connection: asyncpg.Connection, project: str) -> None:
        self._http = visitor.client
        self._connection = connection
        self._url = f"{visitor.origin}{HOME}/projects/{project}"
        self._cookie = {"Cookie": "; ".join(f"{name}={value}" for name, value in visitor.cookies.items())}

    async def measure(self, looks: Sequence[Look], requests: int, tell: Tell) -> Mapping[str, Taken]:
        """So many looks at each page, a tenth more at first that do not count, all pages by turns."""
        raws = [await self._connection.prepare(look.sql) for look in looks]
        warm_up = max(1, requests // 10)
        found = {look.title: Taken() for look in looks}
        for number in range(warm_up + requests):
            if number == warm_up:
                found = {look.title: Taken() for look in looks}
            for look, raw in zip(looks, raws, strict=True):
                await self._once(look, raw, found[look.title])
            if number % max(1, requests // 4) == 0:
                tell(f"  {number} of {warm_up + requests} looks at each of {len(looks)} pages")
        return found

    async def _once(self, look: Look, raw: PreparedStatement, taken: Taken) -> None:
        if look.moves is not None:
            await self._connection.execute(QUERIES["move_on"], look.moves)
        began = perf_counter()
        body = await (self._region(look) if look.live else self._page(look))
        taken.page.append((perf_counter() - began) * 1_000)
        if body.count(ROW) < look.rows:
            raise RuntimeError(f"expected at least {look.rows} rows of {look.title}, but there are {body.count(ROW)}")
        taken.size = len(body)
        began = perf_counter()
        await raw.fetch(*look.arguments)
        taken.raw.append((perf_counter() - began) * 1_000)

    async def _page(self, look: Look) -> bytes:
        asked = self._http.get(self._url + look.path, params=look.query, headers=self._cookie, allow_redirects=False)
        async with asked as answer:
            return await _good(answer, look).read()

    async def _region(self, look: Look) -> bytes:
        """The first event of the page's stream; then the connection is given up, as by a browser that leaves."""
        headers = {**self._cookie, "Accept": "text/event-stream"}
        async with self._http.get(self._url + look.path, params=look.query, headers=headers) as answer:
            received = b""
            async for chunk in _good(answer, look).content.iter_any():
                received += chunk
                if received.endswith(END_OF_EVENT) and EVENT in received:
                    answer.close()
                    return received
        raise RuntimeError(f"expected the region of {look.title}, but the stream ended")


def _good(answer: aiohttp.ClientResponse, look: Look) -> aiohttp.ClientResponse:
    if answer.status != 200:
        raise RuntimeError(f"expected {look.title} at {answer.url.path_qs}, but got {answer.status}")
    return answer
