"""The answer sweeper: forgets the answers of requests that may not be repeated any more."""

from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.failpoints import reached

QUERIES = load_queries("services.catalog.store")
MOST_AT_ONCE = 500


class AnswerSweeper:
    """One step of the loop; answers whether there may be more."""

    def __init__(self, link: Link) -> None:
        self._link = link

    async def step(self) -> bool:
        swept = await self._link.rows(QUERIES["delete_expired_answers"], MOST_AT_ONCE)
        assert reached("answers_swept")
        return len(swept) == MOST_AT_ONCE
