"""The session sweeper: forgets workers that have not been seen for a month."""

from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.failpoints import reached

QUERIES = load_queries("services.dispatcher.store")
MOST_AT_ONCE = 500


class SessionSweeper:
    """One step of the loop; answers whether there may be more."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def step(self) -> bool:
        swept = await self._link.rows(QUERIES["delete_forgotten_sessions"], MOST_AT_ONCE)
        assert reached("sessions_swept")
        return len(swept) == MOST_AT_ONCE
