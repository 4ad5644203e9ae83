"""The use announcer: says from time to time when keys were last used here, without costing a request anything.

A request only notes the time in memory. What is said is read from a compacted topic by whoever cares, and stands in no
journal. A use is worth no more than that: the process that dies before it spoke takes the last minute along.
"""

from datetime import datetime, timedelta

from libs.access.access import Access
from libs.chassis.bus.producer import Producer
from libs.chassis.bus.state_speaker import Said, StateSpeaker
from libs.chassis.clock import Clock
from libs.chassis.db.errors import Unavailable
from libs.chassis.failpoints import reached
from libs.chassis.loops.ticker import Ticker
from libs.contracts.events.shared import ApiKeyUseState

MOST_AT_ONCE = 500


class UseAnnouncer:
    """Component. Several processes say what each of them saw; the latest counts."""

    def __init__(self, service: str, producer: Producer, access: Access, clock: Clock, every: timedelta) -> None:
        self._speaker = StateSpeaker(service, "key-use", producer, clock)
        self._access = access
        self._ticker = Ticker("use-announcer", self.step, every)

    async def start(self) -> None:
        await self._ticker.start()

    async def stop(self) -> None:
        await self._ticker.stop()

    def ready(self) -> str | None:
        return self._ticker.ready()

    async def step(self) -> bool:
        """Says what was noted since the last time; true when there may be more."""
        uses = self._taken()
        if not uses:
            return False
        try:
            await self._speaker.say([_said(key_id, used_at) for key_id, used_at in uses.items()])
            assert reached("uses_announced")
        except Unavailable:
            self._give_back(uses)
            raise
        return len(uses) == MOST_AT_ONCE

    def _taken(self) -> dict[str, datetime]:
        noted = self._access.uses
        return {key_id: noted.pop(key_id) for key_id in list(noted)[:MOST_AT_ONCE]}

    def _give_back(self, uses: dict[str, datetime]) -> None:
        for key_id, used_at in uses.items():
            self._access.uses.setdefault(key_id, used_at)


def _said(key_id: str, used_at: datetime) -> Said:
    return Said(key_id, "", ApiKeyUseState(key_id=key_id, last_used_at=used_at))
