"""How much work one comparison may be. Nothing is compared for longer, however the schemas are made."""

from collections.abc import Iterator
from contextlib import contextmanager
from typing import Final

MAX_WORK: Final = 9_000
"""Steps of about 7 µs. An honest schema of a thousand parts, each of them changed, takes a half of it."""


class TooIntricate(Exception):
    """The work is used up."""


class Work:
    """Counts down. Raises `TooIntricate` at the end."""

    def __init__(self, steps: int = MAX_WORK) -> None:
        self._left: float = steps

    def spend(self, steps: float = 1) -> None:
        self._left -= steps
        if self._left < 0:
            raise TooIntricate

    @contextmanager
    def half(self) -> Iterator[None]:
        """What is done here may use up half of what is left, and no more."""
        kept = self._left / 2
        self._left -= kept
        try:
            yield
        finally:
            self._left = max(self._left, 0) + kept

    def spend_little(self) -> None:
        """A tenth of a step."""
        self.spend(0.1)
