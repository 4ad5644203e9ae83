"""A small pool for the API's queries. Connections are not reset between uses: queries leave nothing behind."""

import asyncio
from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from datetime import timedelta

import asyncpg
from asyncpg.pool import PoolConnectionProxy

from libs.chassis.db.errors import Overloaded, translated
from libs.chassis.db.link import TURN_WITHIN, Connection, Row
from libs.chassis.settings import ServiceSettings

CONNECTIONS = 4
MOST_WAITING = 1_000
"""Queries that wait for a connection; more are refused at once."""
QUERY_SECONDS = 30


async def _leave_as_is(_: Connection) -> None:
    """The pool's default reset costs a round trip per use."""


class Reads:
    """Component: opened at start, closed at stop. `rows`/`row` raise `Unavailable` when the database is away, and
    `Overloaded` when no connection becomes free: slow queries of some must not pile up those of all."""

    def __init__(
        self,
        url: str,
        name: str,
        *,
        size: int = CONNECTIONS,
        within: timedelta = TURN_WITHIN,
        most_waiting: int = MOST_WAITING,
    ) -> None:
        self._url = url
        self._name = name
        self._size = size
        self._within = within.total_seconds()
        self._most_waiting = most_waiting
        self._pool: asyncpg.Pool[Row] | None = None
        self.waiting = 0
        """Queries that wait for a connection now."""

    @classmethod
    def of(cls, settings: ServiceSettings, name: str) -> "Reads":
        """A service's pool, as large and as patient as its settings say."""
        url, within = settings.postgres_url.get_secret_value(), timedelta(seconds=settings.queue_seconds)
        return cls(url, name, size=settings.read_connections, within=within)

    async def start(self) -> None:
        with translated(running=False):
            self._pool = await asyncpg.create_pool(
                self._url,
                min_size=1,
                max_size=self._size,
                command_timeout=QUERY_SECONDS,
                reset=_leave_as_is,
                server_settings={"application_name": self._name, "timezone": "UTC", "jit": "off"},
            )

    async def stop(self) -> None:
        if self._pool is not None:
            await self._pool.close()

    def ready(self) -> str | None:
        return None if self._pool is not None else "the read pool is not open"

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        async with self._connection() as connection:
            with translated(running=True):
                return await connection.fetch(sql, *args, timeout=QUERY_SECONDS)

    async def row(self, sql: str, *args: object) -> Row | None:
        rows = await self.rows(sql, *args)
        return rows[0] if rows else None

    @asynccontextmanager
    async def _connection(self) -> "AsyncIterator[PoolConnectionProxy[Row]]":
        assert self._pool is not None, "expected start() before rows()"
        with translated(running=False):
            connection = await self._taken(self._pool)
        try:
            yield connection
        finally:
            await self._pool.release(connection)

    async def _taken(self, pool: "asyncpg.Pool[Row]") -> "PoolConnectionProxy[Row]":
        if self.waiting >= self._most_waiting:
            raise Overloaded(f"expected at most {self._most_waiting} queries to wait for {self._name}")
        self.waiting += 1
        try:
            async with asyncio.timeout(self._within):  # the pool's own would cost a task per query
                return await pool.acquire()
        except TimeoutError:
            raise Overloaded(f"expected a connection of {self._name} within {self._within:g} s") from None
        finally:
            self.waiting -= 1
