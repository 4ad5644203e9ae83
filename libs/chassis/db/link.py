"""One dedicated connection for one hot loop, opened again when it breaks."""

from collections.abc import AsyncIterator, Callable, Mapping, Sequence
from contextlib import asynccontextmanager, suppress
from datetime import timedelta
from typing import TypeAlias

import asyncpg

from libs.chassis.db.errors import Deadlock, Unavailable, translated
from libs.chassis.db.turns import Turns

Row: TypeAlias = asyncpg.Record
Connection: TypeAlias = "asyncpg.Connection[asyncpg.Record]"

TURN_WITHIN = timedelta(seconds=5)
"""How long somebody waits for those before: who asks over HTTP has an answer by then."""

PLANNED_ONCE: Mapping[str, str] = {
    "plan_cache_mode": "force_generic_plan",
    "enable_seqscan": "off",
    "enable_bitmapscan": "off",
}
"""Settings for hot statements. Left to itself the server plans one for few rows again and again, which takes longer
than to carry it out. A plan that is kept must still be right when a table that was empty is large: by index only."""

MOST_DEADLOCKS = 3
"""How often one statement gives way to others that lock the same rows in another order."""


class Transaction:
    """Several statements that commit together, for paths that are not hot."""

    def __init__(self, connection: Connection) -> None:
        self._connection = connection

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        return await self._connection.fetch(sql, *args)

    async def script(self, sql: str) -> None:
        """Runs several statements without parameters."""
        await self._connection.execute(sql)


class Link:
    """A lazily opened connection. Callers take turns, so a hot loop has one of its own.

    Raises `Conflict`, `Unavailable`, `OutcomeUnknown`, and `Overloaded` where a turn is waited for in vain.
    """

    def __init__(
        self,
        url: str,
        name: str,
        *,
        statement_timeout: timedelta = timedelta(seconds=30),
        turn_within: timedelta = TURN_WITHIN,
        settings: Mapping[str, str] | None = None,
    ) -> None:
        self._url = url
        self._name = name
        self._timeout = statement_timeout
        self._settings = dict(settings or {})
        self._connection: Connection | None = None
        self._turn = Turns(name, turn_within)

    async def rows(self, sql: str, *args: object) -> Sequence[Row]:
        """Runs one statement and answers its rows; once more where it gave way to another in a deadlock."""
        async with self._turn:
            for _ in range(MOST_DEADLOCKS):
                with suppress(Deadlock):
                    return await self._fetch(sql, *args)
            return await self._fetch(sql, *args)

    async def row(self, sql: str, *args: object) -> Row | None:
        rows = await self.rows(sql, *args)
        return rows[0] if rows else None

    @asynccontextmanager
    async def transaction(self) -> AsyncIterator[Transaction]:
        """Commits what its body does, or nothing of it."""
        async with self._turn:
            connection = await self._opened()
            with translated(running=True):
                async with connection.transaction():
                    yield Transaction(connection)

    async def listen(self, channel: str, hear: Callable[[str], None]) -> None:
        """Calls `hear` with the payload of each notification, for as long as this connection lives."""
        async with self._turn:
            connection = await self._opened()
            with translated(running=True):
                await connection.add_listener(channel, lambda *heard: hear(str(heard[-1])))

    @property
    def broken(self) -> bool:
        return self._connection is None or self._connection.is_closed()

    async def close(self) -> None:
        connection, self._connection = self._connection, None
        if connection is not None:
            connection.terminate() if connection.is_closed() else await connection.close(timeout=5)

    async def _fetch(self, sql: str, *args: object) -> Sequence[Row]:
        connection = await self._opened()
        with translated(running=True):
            return await connection.fetch(sql, *args)

    async def _opened(self) -> Connection:
        if self._connection is None or self._connection.is_closed():
            self._connection = await connect(self._url, self._name, self._timeout, self._settings)
        return self._connection


async def connect(url: str, name: str, statement_timeout: timedelta, settings: Mapping[str, str]) -> Connection:
    """Opens a connection with the settings that every one of ours has. Raises `Unavailable`."""
    with translated(running=False):
        try:
            return await asyncpg.connect(
                url,
                timeout=10,
                command_timeout=statement_timeout.total_seconds(),
                server_settings={"application_name": name, "timezone": "UTC", "jit": "off", **settings},
            )
        except asyncpg.PostgresError as error:
            raise Unavailable(str(error)) from error
