"""The state trimmer: deletes from the journal what it has of states that carry sealed texts and were superseded.

What happened stays in the journal for ever; these states are no events but what is so now, and only the last of each is
ever read. The ones before it hold secrets that were replaced, so they go, once they are published. What lies on a
compacted topic goes the same way, by the broker.
"""

from datetime import timedelta

from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.failpoints import reached

QUERIES = load_queries("services.catalog.store")
MOST_AT_ONCE = 500
SUPERSEDED_FOR = timedelta(minutes=1)
"""Whoever wrote a state and lost the answer reads back whether it is there; nobody does that so late."""


class StateTrimmer:
    """One step of the loop; answers whether there may be more."""

    def __init__(self, link: Link, superseded_for: timedelta = SUPERSEDED_FOR) -> None:
        self._link = link
        self._superseded_for = superseded_for

    async def step(self) -> bool:
        trimmed = await self._link.rows(QUERIES["delete_superseded_states"], self._superseded_for, MOST_AT_ONCE)
        assert reached("states_trimmed")
        return len(trimmed) == MOST_AT_ONCE
