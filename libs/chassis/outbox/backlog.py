"""How much waits to be published: counted by the relay now and then, carried on in memory in between.

What a broker that is away costs is bounded by this number: writes go on until so many events wait, and are refused from
then on, before anything was written.
"""

import asyncio
from dataclasses import dataclass
from datetime import timedelta

from libs.chassis.db.errors import Overloaded
from libs.chassis.settings import ServiceSettings


@dataclass(frozen=True, slots=True)
class OutboxLimits:
    """Each from a setting of a similar name; `ServiceSettings` describes them."""

    events: int = 100_000
    unpublished: timedelta = timedelta(seconds=30)
    silence: timedelta = timedelta(seconds=10)

    @classmethod
    def of(cls, settings: ServiceSettings) -> "OutboxLimits":
        """The limits that the settings name."""
        return cls(
            settings.outbox_events,
            timedelta(seconds=settings.unpublished_seconds),
            timedelta(seconds=settings.database_silent_seconds),
        )


DEFAULT_LIMITS = OutboxLimits()


class OutboxFull(Overloaded):
    """As many events as may wait do wait."""

    reason = "outbox_full"


class Backlog:
    """An estimate, exact whenever the outbox has just been counted. It costs a request one comparison."""

    def __init__(self, most: int) -> None:
        self.most = most
        self.events = 0
        self.room = asyncio.Event()
        """Set while an event more may wait."""
        self.room.set()

    def counted(self, events: int) -> None:
        """So many rows there are."""
        self.events = events
        self._note()

    def added(self, events: int) -> None:
        """So many were committed here."""
        self.events += events
        self._note()

    def published(self, events: int) -> None:
        """So many are on their topics, by this process."""
        self.events = max(0, self.events - events)
        self._note()

    @property
    def is_full(self) -> bool:
        return self.events >= self.most

    def ensure_room(self) -> None:
        """Raises `OutboxFull` where the backlog has reached its bound."""
        if self.is_full:
            raise OutboxFull(f"expected fewer than {self.most} events to wait to be published; try again later")

    def _note(self) -> None:
        if self.is_full:
            self.room.clear()
        else:
            self.room.set()
