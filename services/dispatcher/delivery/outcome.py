"""One attempt to deliver, in and out: what is to be POSTed, and what came of it."""

import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import timedelta
from enum import Enum
from typing import Final

FORBIDDEN_HEADERS: Final = frozenset(
    "accept-encoding connection content-encoding content-length content-type cookie expect host keep-alive te trailer "
    "transfer-encoding upgrade x-mobius-signature webhook-id webhook-timestamp webhook-signature".split()
)
EXCERPT_CHARS: Final = 500

_TOKEN = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]+")
_VALUE = re.compile(r"[\t -~]*")


class Fault(Enum):
    """Why there is no complete answer."""

    TARGET_DENIED = "target_denied"
    NOT_RESOLVED = "not_resolved"
    NOT_CONNECTED = "not_connected"
    TLS_FAILED = "tls_failed"
    CONNECT_TIMEOUT = "connect_timeout"
    TIMEOUT = "timeout"
    CUT_OFF = "cut_off"
    TOO_LARGE = "too_large"


@dataclass(frozen=True)
class Delivery:
    """One attempt: `body` is signed and sent as it is. ValueError for headers that are not the caller's to set."""

    url: str
    body: bytes
    secrets: tuple[str, ...] = field(repr=False)
    """The active signing secrets, newest first."""

    delivery_id: str
    """The same on every attempt of one delivery, so that the receiver can tell a repetition."""

    may_repeat: bool = False
    """Whether the action promises that repeating is safe; if not, every attempt takes a fresh connection."""

    headers: Mapping[str, str] = field(default_factory=dict)
    """Such as `traceparent`."""

    timeout: timedelta | None = None
    """For this attempt, instead of the limit for all."""

    def __post_init__(self) -> None:
        for name, value in self.headers.items():
            if name.lower() in FORBIDDEN_HEADERS or name.lower().startswith("proxy-"):
                raise ValueError(f"expected a header that a caller may set, but it is {name}")
            if not _TOKEN.fullmatch(name) or not _VALUE.fullmatch(value):
                raise ValueError("expected a header of printable ASCII characters, but it has others")


@dataclass(frozen=True)
class Outcome:
    """What came of one attempt: an answer (`status`, `body`), or a `fault` that left it incomplete."""

    bytes_sent: bool
    """False only when it is certain that no byte of the request left."""

    duration: timedelta
    status: int | None = None
    body: bytes = b""
    encoded: bool = False
    """Whether the answer came compressed although nobody asked."""

    fault: Fault | None = None
    fault_text: str = ""
    retry_after: timedelta | None = None
    headers: Mapping[str, str] = field(default_factory=dict)
    """Of the answer, in lower case, where somebody asked for them."""

    @property
    def accepted(self) -> bool:
        """Whether the other side took the request, and so its signature: 2xx, whatever stands in the answer."""
        return self.status is not None and 200 <= self.status < 300

    @property
    def excerpt(self) -> str:
        """The beginning of the answer, for people."""
        return self.body[: 4 * EXCERPT_CHARS].decode("utf-8", "replace")[:EXCERPT_CHARS]
