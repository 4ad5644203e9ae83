"""Enough of PostgreSQL's protocol to know which statement a client's message runs, and when its answer is complete.

A request reaches up to a Sync or a Query, so what commits together passes together. What it is about is the SQL that it
executes: of a prepared statement, the text that it was prepared from.
"""

import struct
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import parse_qs, urlsplit, urlunsplit

from tests.doubles.tcp_proxy import Address, Passing

_TYPED_HEAD, _BARE_HEAD = 5, 4
_NEGOTIATIONS = frozenset({80877103, 80877104})
"""The codes of SSLRequest and GSSENCRequest: answered by one byte, and followed by another bare message."""
_ENDS_A_REQUEST = frozenset(b"SHQXpdcf")
"""Sync, Flush, Query, Terminate, and what belongs to no statement: a password, pieces of a copy."""


class PostgresWire:
    """Reads one connection. `Passing.about` holds the texts of the statements that a request executes."""

    def __init__(self) -> None:
        self._sent = bytearray()
        self._received = bytearray()
        self._held = bytearray()
        self._executed: list[str] = []
        self._statements: dict[bytes, str] = {}
        self._portals: dict[bytes, str] = {}
        self._greeted = False
        self._negotiating = False

    def requests(self, chunk: bytes) -> Iterator[Passing]:
        self._sent += chunk
        while (message := _first(self._sent, _TYPED_HEAD if self._greeted else _BARE_HEAD)) is not None:
            if not self._greeted:
                self._greet(message)
                yield Passing(message)
                continue
            self._held += message
            self._note(message)
            if message[0] in _ENDS_A_REQUEST:
                yield Passing(bytes(self._held), "\n".join(self._executed))
                self._held.clear()
                self._executed.clear()

    def answers(self, chunk: bytes) -> Iterator[Passing]:
        if self._negotiating:
            self._negotiating = False
            yield Passing(chunk[:1])
            chunk = chunk[1:]
        self._received += chunk
        while (message := _first(self._received, _TYPED_HEAD)) is not None:
            yield Passing(message, complete=message[0] == ord("Z"))

    def _greet(self, message: bytes) -> None:
        [code] = struct.unpack_from("!I", message, _BARE_HEAD)
        self._negotiating = code in _NEGOTIATIONS
        self._greeted = not self._negotiating

    def _note(self, message: bytes) -> None:
        kind, body = message[:1], message[_TYPED_HEAD:]
        if kind == b"Q":
            self._executed.append(body.rstrip(b"\0").decode(errors="replace"))
        elif kind == b"P":
            name, text, *_ = body.split(b"\0", 2)
            self._statements[name] = text.decode(errors="replace")
        elif kind == b"B":
            portal, name, *_ = body.split(b"\0", 2)
            self._portals[portal] = self._statements.get(name, "")
        elif kind == b"E":
            self._executed.append(self._portals.get(body.split(b"\0", 1)[0], ""))


def writes(about: str) -> bool:
    """Whether a request commits something: a writing statement outside of a block, or the end of one."""
    text = about.upper()
    return any(word in text for word in ("INSERT INTO", "UPDATE ", "DELETE FROM", "COMMIT"))


def commits(about: str) -> bool:
    """Whether a request commits events, or gives work to somebody."""
    text = about.upper()
    return any(word in text for word in ("INSERT INTO JOURNAL", "INSERT INTO LEASED", "UPDATE LEASED"))


def server_of(url: str) -> Address:
    """Where the server of a connection string listens."""
    parts = urlsplit(url)
    if folder := parse_qs(parts.query).get("host"):
        return Path(folder[0]) / f".s.PGSQL.{parts.port or 5432}"
    return str(parts.hostname), parts.port or 5432


def through(url: str, port: int) -> str:
    """The same database and user, by way of this port of 127.0.0.1."""
    parts = urlsplit(url)
    user, _, _ = parts.netloc.rpartition("@")
    return urlunsplit(parts._replace(netloc=f"{user}@127.0.0.1:{port}", query="sslmode=disable"))


def _first(buffer: bytearray, head: int) -> bytes | None:
    """Takes the first whole message out of the buffer: a type byte, if the head has one, and its own length."""
    if len(buffer) < head:
        return None
    [length] = struct.unpack_from("!I", buffer, head - 4)
    size = head - 4 + int(length)
    if len(buffer) < size:
        return None
    message = bytes(buffer[:size])
    del buffer[:size]
    return message
