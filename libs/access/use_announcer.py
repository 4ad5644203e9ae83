"""The use announcer: says from time to time when keys were last used here, without costing a request anything.

A request only notes the time in memory. What is said goes the way of every event, so it is read from a compacted topic
by whoever cares. A use is worth no more than that: the process that dies before it spoke takes the last minute along.
"""

from datetime import datetime, timedelta

from libs.access.access import Access
from libs.chassis.clock import Clock
from libs.chassis.db.errors import Unavailable, translated
from libs.chassis.db.link import Link
from libs.chassis.failpoints import reached
from libs.chassis.ids import new_id
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context, Entry, entry
from libs.chassis.loops.ticker import Ticker
from libs.chassis.outbox.relay import Relay
from libs.contracts.events.shared import ApiKeyUseState

MOST_AT_ONCE = 500


class UseAnnouncer:
    """Component. Each process counts streams of its own, so that replicas never wait for one another. It speaks too
    seldom to keep a connection."""

    def __init__(
        self, service: str, postgres_url: str, relay: Relay, access: Access, clock: Clock, every: timedelta
    ) -> None:
        self._service = service
        self._link = Link(postgres_url, f"{service}-key-uses")
        self._relay = relay
        self._access = access
        self._clock = clock
        self._ticker = Ticker("use-announcer", self.step, every)
        self._begin()

    async def start(self) -> None:
        await self._ticker.start()

    async def stop(self) -> None:
        await self._ticker.stop()
        await self._link.close()

    def ready(self) -> str | None:
        return self._ticker.ready()

    async def step(self) -> bool:
        """Says what was noted since the last time; true when there may be more."""
        uses = self._taken()
        if not uses:
            return False
        said = [self._said(key_id, used_at) for key_id, used_at in uses.items()]
        try:
            await commit(self._link, [], said)
            assert reached("uses_announced")
        except Unavailable:
            self._give_back(uses)
            self._begin()  # nobody can tell what became of the old streams' last events
            raise
        finally:
            with translated(running=False):
                await self._link.close()
        self._relay.offer(said)
        return len(uses) == MOST_AT_ONCE

    def _begin(self) -> None:
        self._process = new_id("proc")
        self._counts: dict[str, int] = {}

    def _taken(self) -> dict[str, datetime]:
        noted = self._access.uses
        return {key_id: noted.pop(key_id) for key_id in list(noted)[:MOST_AT_ONCE]}

    def _give_back(self, uses: dict[str, datetime]) -> None:
        for key_id, used_at in uses.items():
            self._access.uses.setdefault(key_id, used_at)

    def _said(self, key_id: str, used_at: datetime) -> Entry:
        self._counts[key_id] = count = self._counts.get(key_id, 0) + 1
        context = Context(service=self._service, project="", now=self._clock.now(), actor="mobius")
        state = ApiKeyUseState(key_id=key_id, last_used_at=used_at)
        return entry(context, f"key-use/{self._process}/{key_id}", count, key_id, state)
