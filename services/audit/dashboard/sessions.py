"""Who is signed in: a cookie with a random token, and a row that only this token opens.

The row holds the API key sealed under a key made from the token, and of the token no more than its SHA-256: neither a
copy of the database nor the cookie alone gives the API key away. A token that was not given out here names no row.
"""

import hashlib
import hmac
import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

from libs.chassis.http import Call
from libs.chassis.sealing import CannotOpen, Sealed, Sealer
from services.audit.store.sessions import SessionRows

COOKIE: Final = "mobius_session"
VISITOR_COOKIE: Final = "mobius_visitor"
"""Of a browser that has not signed in: what the form of signing in is tied to."""

_TOKEN = re.compile(r"[A-Za-z0-9_-]{43}")
_KEY_ID = "session"


@dataclass(frozen=True, slots=True)
class Session:
    """A browser that is signed in. Shows nothing of itself in logs."""

    token: str
    api_key: str

    def __repr__(self) -> str:
        return "Session(…)"

    @property
    def authorization(self) -> str:
        """The header that the API takes."""
        return f"Bearer {self.api_key}"

    @property
    def csrf(self) -> str:
        return csrf_token(self.token)


class Sessions:
    """Begins, finds and ends sessions. `lasts` is how long one is good, used or not."""

    def __init__(self, rows: SessionRows, lasts: timedelta) -> None:
        self._rows = rows
        self.lasts = lasts

    async def begin(self, api_key: str, now: datetime) -> Session:
        """A new one, with a token that nobody has seen before."""
        session = Session(new_token(), api_key)
        sha256 = _sha256(session.token)
        sealed = _sealer(session.token).seal(api_key.encode(), sha256)
        await self._rows.insert(sha256, str(sealed), now, now + self.lasts)
        return session

    async def find(self, token: str | None, now: datetime) -> Session | None:
        """The session of a cookie, as long as it is good."""
        if token is None or _TOKEN.fullmatch(token) is None:
            return None
        sha256 = _sha256(token)
        sealed = await self._rows.find(sha256, now)
        if sealed is None:
            return None
        try:
            return Session(token, _sealer(token).open(Sealed.parse(sealed), sha256).decode())
        except CannotOpen:
            return None

    async def end(self, session: Session) -> None:
        """From now on its cookie is worth nothing."""
        await self._rows.delete(_sha256(session.token))


def new_token() -> str:
    """256 random bits."""
    return secrets.token_urlsafe(32)


def cookie(call: Call[None, None], name: str) -> str | None:
    """What the browser sent under this name."""
    return call.request.cookies.get(name)


def set_cookie(name: str, value: str, path: str, lasts: timedelta, *, secure: bool) -> str:
    """The `Set-Cookie` header: out of reach for script, and sent along by no form of another site."""
    end = f"; Path={path}; Max-Age={int(lasts.total_seconds())}; HttpOnly; SameSite=Lax"
    return f"{name}={value}{end}{'; Secure' if secure else ''}"


def csrf_token(token: str) -> str:
    """What a form has to bring along: known to the pages of this browser only."""
    return hmac.new(token.encode(), b"mobius-csrf", hashlib.sha256).hexdigest()


def _sha256(token: str) -> bytes:
    return hashlib.sha256(token.encode()).digest()


def _sealer(token: str) -> Sealer:
    key = hashlib.blake2b(token.encode(), digest_size=32, person=b"mobius-session").digest()
    return Sealer({_KEY_ID: key}, _KEY_ID)
