"""A clock that stands still until it is moved."""

from datetime import UTC, datetime, timedelta

NOON = datetime(2030, 1, 31, 12, 0, 0, tzinfo=UTC)


class FakeClock:
    """Satisfies `libs.chassis.clock.Clock`."""

    def __init__(self, start: datetime = NOON) -> None:
        self._now = start

    def now(self) -> datetime:
        return self._now

    def advance(self, step: timedelta | float) -> None:
        """Moves on by a `timedelta`, or by seconds."""
        self._now += step if isinstance(step, timedelta) else timedelta(seconds=step)
