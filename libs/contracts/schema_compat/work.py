"""How much work one comparison may be. Nothing is compared for longer, however the schemas are made."""

from typing import Final

MAX_WORK: Final = 12_000
"""Steps. An honest schema of a thousand parts, each of them changed, takes half of it."""


class TooIntricate(Exception):
    """The work is used up."""


class Work:
    """Counts down. Raises `TooIntricate` at the end."""

    def __init__(self, steps: int = MAX_WORK) -> None:
        self._left = steps

    def spend(self, steps: int = 1) -> None:
        self._left -= steps
        if self._left < 0:
            raise TooIntricate
