"""The tail reader: the floor under the watchers. It sees what another replica committed to watched runs."""

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.contracts.registry import decode
from services.engine.store.watchers import Watchers

QUERIES = load_queries("services.engine.store")
MOST_AT_ONCE = 500


class TailReader:
    """One step of the loop: one query for all watched runs."""

    def __init__(self, reads: Reads, watchers: Watchers) -> None:
        self._reads = reads
        self._watchers = watchers

    async def step(self) -> bool:
        seen = self._watchers.seen()
        if not seen:
            return False
        rows = await self._reads.rows(QUERIES["read_tails"], list(seen), list(seen.values()), MOST_AT_ONCE)
        self._watchers.hear(decode(row["event"]) for row in rows)
        return len(rows) == MOST_AT_ONCE
