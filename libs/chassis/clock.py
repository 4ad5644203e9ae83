"""Time as an argument: aware UTC `datetime` inside, RFC 3339 with `Z` outside."""

from datetime import UTC, datetime
from typing import Protocol

from libs.contracts.envelope import format_time

__all__ = ["Clock", "SystemClock", "format_time", "parse_time"]


class Clock(Protocol):
    """Tells the time. Decisions get `now` as a value; only shells hold a clock."""

    def now(self) -> datetime: ...


class SystemClock:
    """The machine's clock."""

    def now(self) -> datetime:
        return datetime.now(UTC)


def parse_time(text: str) -> datetime:
    """Reads RFC 3339 with any offset, answers UTC. Raises `ValueError` without an offset or for anything else."""
    try:
        moment = datetime.fromisoformat(text)
    except ValueError:
        moment = None
    if moment is None or moment.tzinfo is None or "T" not in text.upper():
        raise ValueError(f"expected a time like 2030-01-31T09:30:00Z, but got {text[:64]!r}")
    return moment.astimezone(UTC)
