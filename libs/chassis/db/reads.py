"""A small pool for the API's queries. Connections are not reset between uses: queries leave nothing behind."""

from collections.abc import Sequence

import asyncpg

from libs.chassis.db.errors import translated
from libs.chassis.db.link import Connection, Row


async def _leave_as_is(_: Connection) -> None:
    """The pool's default reset costs a round trip per use."""


class Reads:
    """Component: opened at start, closed at stop. `rows`/`row` raise `Unavailable` when the database is away."""

    def __init__(self, url: str, name: str, *, size: int = 4) -> None:
        self._url = url
        self._name = name
        self._size = size
        self._pool: asyncpg.Pool[Row] | None = None

    async def start(self) -> None:
        with translated(running=False):
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=self._size,
                command_timeout=30,
                reset=_leave_as_is,
                server_settings={"application_name": self._name, "timezone": "UTC", "jit": "off"},
            )

    async def stop(self) -> None:
        if self._pool is not None:
            await self._pool.close()

    def ready(self) -> str | None:
        return None if self._pool is not None else "the read pool is not open"

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        assert self._pool is not None, "expected start() before rows()"
        with translated(running=True):
            return await self._pool.fetch(sql, *args, timeout=30)

    async def row(self, sql: str, *args: object) -> Row | None:
        rows = await self.rows(sql, *args)
        return rows[0] if rows else None
