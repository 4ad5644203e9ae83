"""What was looked for in vain, for a moment: asking for it again is answered without another look."""

from datetime import datetime, timedelta

REMEMBERED_FOR = timedelta(seconds=1)
MOST_REMEMBERED = 10_000


class RecentMisses:
    """Names with the time when they were found missing. Forgets all at once when it grows too large."""

    def __init__(self, remembered_for: timedelta = REMEMBERED_FOR, most: int = MOST_REMEMBERED) -> None:
        self._remembered_for = remembered_for
        self._most = most
        self._missed: dict[str, datetime] = {}

    def add(self, name: str, now: datetime) -> None:
        """`name` is not there at `now`."""
        if len(self._missed) >= self._most:
            self._missed.clear()
        self._missed[name] = now

    def has(self, name: str, now: datetime) -> bool:
        """Whether it was found missing just before `now`."""
        missed = self._missed.get(name)
        if missed is None:
            return False
        if now - missed < self._remembered_for:
            return True
        del self._missed[name]
        return False
