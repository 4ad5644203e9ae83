"""What a consumer hands to its handler, and what the handler answers with."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field

from libs.chassis.db.statement import Part
from libs.chassis.journal.entry import Entry
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload


@dataclass(frozen=True, slots=True)
class Record:
    """One record as it lies on the topic."""

    topic: str
    partition: int
    offset: int
    timestamp_ms: int
    key: bytes | None
    value: bytes | None
    headers: Sequence[tuple[str | bytes, bytes]] = ()


@dataclass(frozen=True, slots=True)
class Heard:
    """A decoded record."""

    event: Event[Payload]
    record: Record


def _nothing() -> None:
    """Most handlers have nothing to do in memory."""


@dataclass(frozen=True, slots=True)
class Effects:
    """What a batch does: `parts` and `entries` are committed with the position; then `committed` runs in memory.

    `conflicted` runs instead when they were not, or nobody knows: drop what is cached, the batch is handled again.
    """

    parts: Sequence[Part] = ()
    entries: Sequence[Entry] = ()
    committed: Callable[[], None] = field(default=_nothing)
    conflicted: Callable[[], None] = field(default=_nothing)


NO_EFFECTS = Effects()
