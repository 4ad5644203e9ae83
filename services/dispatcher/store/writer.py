"""Statements of the loops: events together with what they change, on one link, offered to the relay afterwards."""

from collections.abc import Sequence

from libs.chassis.db.errors import Conflict
from libs.chassis.db.link import Link
from libs.chassis.db.statement import Part, run
from libs.chassis.journal.entry import Entry
from libs.chassis.journal.store import append_parts
from libs.chassis.outbox.relay import Relay


class Writer:
    """One connection for paths that are not hot."""

    def __init__(self, link: Link, relay: Relay) -> None:
        self._link = link
        self._relay = relay

    async def write(self, parts: Sequence[Part], entries: Sequence[Entry]) -> bool:
        """Commits all or nothing; False if somebody else was faster, in which case the caller looks again."""
        self._relay.ensure_room()
        try:
            await run(self._link, [*parts, *append_parts(entries)])
        except Conflict:
            return False
        self._relay.offer(entries)
        return True
