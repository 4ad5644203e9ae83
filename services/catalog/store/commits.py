"""Commits a change: its events, its rows and its outbox entries in one statement, and then waits until it is said.

A change is answered only when its events are on their topics: what a caller was told, every service can find out. That
goes also for what was found to be so already, a repeated request among it: who made it so may still be waiting.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from datetime import timedelta
from typing import Generic, TypeVar

from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Entry
from libs.chassis.outbox.relay import Relay
from libs.chassis.telemetry.logging import get_logger
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from libs.contracts.registry import decode

QUERIES = load_queries(__package__)
TRIES = 5
LOOK_AGAIN = timedelta(milliseconds=20)

Outcome = TypeVar("Outcome")

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class Proposal(Generic[Outcome]):
    """What would be committed, and what is answered when it is. Nothing to commit: it is so already."""

    entries: Sequence[Entry]
    parts: Sequence[Part]
    outcome: Outcome


Propose = Callable[[], Awaitable[Proposal[Outcome] | Rejected]]


class Commits:
    """Component. One connection; changes take turns, because administration is not a hot path."""

    def __init__(self, url: str, relay: Relay, publish_within: timedelta) -> None:
        self.link = Link(url, "catalog-commits")
        self._relay = relay
        self._publish_within = publish_within

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        await self.link.close()

    def ready(self) -> str | None:
        return None

    async def last_sequence(self, stream: str) -> int:
        """The sequence of a stream's last event, 0 before the first."""
        row = await self.link.row(QUERIES["last_sequence"], stream)
        return int(row["seq"]) if row is not None else 0

    async def last_event(self, stream: str) -> Event[Payload] | None:
        """A stream's last event, None before the first."""
        row = await self.link.row(QUERIES["last_event"], stream)
        return None if row is None else decode(row["event"])

    async def settle(self, propose: Propose[Outcome]) -> Outcome | Rejected:
        """Commits what `propose` decides; when somebody else wrote first, lets it load and decide again.

        Raises `Unavailable` when the database is away, when others keep writing first, or when the outbox is full.
        """
        self._relay.ensure_room()
        for _ in range(TRIES):
            proposal = await propose()
            if isinstance(proposal, Rejected):
                return proposal
            if not proposal.entries and not proposal.parts:
                await self._wait_for_others()
                return proposal.outcome
            try:
                await commit(self.link, proposal.parts, proposal.entries)
                assert reached("catalog_committed")
            except Conflict as conflict:
                log.info("change_decided_again", conflict=str(conflict))
                continue
            await self._wait_until_published(proposal.entries)
            assert reached("catalog_published")
            return proposal.outcome
        raise Unavailable(f"expected to commit within {TRIES} tries, but others wrote first each time")

    async def _wait_until_published(self, entries: Sequence[Entry]) -> None:
        """By our own relay, or else by whichever process owns the shard. The change stands, whatever happens here."""
        if await self._relay.published(entries, self._publish_within):
            return
        if not await self._is_said(lambda: self._is_unpublished(entries)):
            log.warning("change_not_published_yet", first=entries[0].event.id)

    async def _wait_for_others(self) -> None:
        """Until all is published that is committed by now."""

        async def is_waiting() -> bool:
            return (
                last is not None and await self.link.row(QUERIES["find_unpublished_until"], last["place"]) is not None
            )

        last = await self.link.row(QUERIES["last_unpublished"])
        if not await self._is_said(is_waiting):
            log.warning("changes_of_others_not_published_yet")

    async def _is_said(self, is_waiting: Callable[[], Awaitable[bool]]) -> bool:
        """Looks until nothing waits any more; False when that took too long."""
        for _ in range(int(self._publish_within / LOOK_AGAIN)):
            try:
                if not await is_waiting():
                    return True
            except Unavailable as error:
                log.warning("publication_not_checked", error=str(error))
            await asyncio.sleep(LOOK_AGAIN.total_seconds())
        return False

    async def _is_unpublished(self, entries: Sequence[Entry]) -> bool:
        shards = [entry.shard for entry in entries]
        streams = [entry.event.subject for entry in entries]
        sequences = [entry.event.sequence for entry in entries]
        return await self.link.row(QUERIES["find_unpublished"], shards, streams, sequences) is not None
