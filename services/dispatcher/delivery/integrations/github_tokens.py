"""The tokens that a GitHub App works under: asked for when they are needed, kept until shortly before they expire."""

import asyncio
import hashlib
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Final
from weakref import WeakValueDictionary

from libs.contracts.codec import JsonObject

SPARE: Final = timedelta(minutes=5)
"""Before the end of a token, which GitHub puts at an hour: a call that begins with it also ends with it."""

MOST_KEPT: Final = 1_000


@dataclass(frozen=True)
class Token:
    """One installation token."""

    text: str = field(repr=False)
    expires_at: datetime


Ask = Callable[[], Awaitable[Token]]


class InstallationTokens:
    """By app, installation and private key, so that another key asks for itself. In memory only."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._kept: dict[str, Token] = {}
        self._asking: WeakValueDictionary[str, asyncio.Lock] = WeakValueDictionary()
        """As long as somebody asks or waits for the answer."""

    async def of(self, credentials: JsonObject, ask: Ask) -> str:
        """The token; asked for once by all who need it at the same time. Raises what `ask` raises."""
        name = _name(credentials)
        turn = self._asking.setdefault(name, asyncio.Lock())
        async with turn:
            kept = self._kept.get(name)
            if kept is None or kept.expires_at - SPARE <= self._now():
                kept = await ask()
                self._keep(name, kept)
            return kept.text

    def forget(self, credentials: JsonObject) -> None:
        """The token was refused: the next call asks for another."""
        self._kept.pop(_name(credentials), None)

    def _keep(self, name: str, token: Token) -> None:
        if len(self._kept) >= MOST_KEPT:
            self._kept.clear()
        self._kept[name] = token


def _name(credentials: JsonObject) -> str:
    parts = [str(credentials[part]) for part in ("app_id", "installation_id", "private_key")]
    return hashlib.sha256("\n".join(parts).encode()).hexdigest()
