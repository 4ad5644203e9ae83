"""Sessions of the dashboard as statements. Not a projection: dropping them signs everybody out, and no more."""

from datetime import datetime

from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads

QUERIES = load_queries(__package__)


class SessionRows:
    """Component. Reads over the pool, writes over a connection of its own."""

    def __init__(self, postgres_url: str, reads: Reads) -> None:
        self._link = Link(postgres_url, "audit-sessions")
        self._reads = reads

    async def start(self) -> None:
        """Opens nothing yet: few sign in."""

    async def stop(self) -> None:
        await self._link.close()

    def ready(self) -> str | None:
        return None

    async def insert(self, token_sha256: bytes, sealed_key: str, now: datetime, expires_at: datetime) -> None:
        await self._link.rows(QUERIES["insert_session"], token_sha256, sealed_key, now, expires_at)

    async def find(self, token_sha256: bytes, now: datetime) -> str | None:
        """The sealed key; None where there is no such session, or it is over."""
        row = await self._reads.row(QUERIES["find_session"], token_sha256, now)
        return None if row is None else str(row["sealed_key"])

    async def delete(self, token_sha256: bytes) -> None:
        await self._link.rows(QUERIES["delete_session"], token_sha256)
