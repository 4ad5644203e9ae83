"""The outbox table over one connection, shared by all shards of a relay."""

import asyncio
from collections.abc import Sequence
from datetime import timedelta

import structlog

from libs.chassis.db.errors import Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.failpoints import reached
from libs.chassis.journal.entry import Entry, place
from libs.contracts.registry import decode

QUERIES = load_queries(__package__)
READ_BACK_ROWS = 2_000
READ_BACK_BYTES = 8 * 1024 * 1024
FORGET_EVERY = timedelta(milliseconds=50)
"""Nobody waits for a row to be forgotten, so deletions are gathered; a crash costs that many duplicates."""

log = structlog.get_logger(__name__)


class OutboxTable:
    """Reads back what is unpublished and forgets what was acknowledged."""

    def __init__(self, service: str, link: Link) -> None:
        self._service = service
        self._link = link
        self._turn = asyncio.Lock()
        self._done: list[Entry] = []
        self._wake = asyncio.Event()

    def forget(self, firsts: Sequence[Entry]) -> None:
        """The rows that begin with these are on their topics. They go with the next gathered deletion."""
        self._done.extend(firsts)
        self._wake.set()

    async def unpublished(self, shard: int) -> tuple[list[list[Entry]], bool]:
        """Rows of committed entries that are not forgotten, per stream in order, and whether there are more."""
        await self.flush()
        rows = await self._link.rows(QUERIES["read_unpublished"], shard, READ_BACK_ROWS, READ_BACK_BYTES)
        groups: list[list[Entry]] = []
        for row in rows:
            if row["first"]:
                groups.append([])
            groups[-1].append(place(self._service, decode(row["event"]), row["event"]))
        more = len(groups) == READ_BACK_ROWS or sum(len(row["event"]) for row in rows) >= READ_BACK_BYTES
        return groups, more

    async def flush(self) -> None:
        """Deletes what was forgotten so far."""
        async with self._turn:
            done, self._done = self._done, []
            if not done:
                return
            try:
                await self._delete(done)
            except (Unavailable, asyncio.CancelledError):
                self._done = done + self._done
                raise

    async def _delete(self, done: Sequence[Entry]) -> None:
        await self._link.rows(
            QUERIES["forget_published"],
            [entry.shard for entry in done],
            [entry.event.subject for entry in done],
            [entry.event.sequence for entry in done],
        )
        assert reached("outbox_forgotten")

    async def run(self) -> None:
        """Deletes in gathered batches until cancelled."""
        while True:
            await self._wake.wait()
            await asyncio.sleep(FORGET_EVERY.total_seconds())
            self._wake.clear()
            try:
                await self.flush()
            except Unavailable as error:
                log.warning("outbox_not_trimmed", error=str(error))
                self._wake.set()

    async def close(self) -> None:
        await self._link.close()
