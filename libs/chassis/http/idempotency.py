"""`Idempotency-Key`: a POST that may be sent again, because whoever sends it did not hear the answer.

The header names one request of one caller. What becomes of a second one with the same key is the service's to say;
here is how the key is read, and by what two requests are told apart.
"""

import hashlib
import re
from collections.abc import Mapping
from typing import Final

from libs.chassis.decider import Rejected
from libs.chassis.http.call import BodyT_co, Call, QueryT_co
from libs.chassis.http.errors import bad_request

FIELD: Final = "header.Idempotency-Key"
MAX_CHARS: Final = 255

_KEY = re.compile(r"[\x21-\x7e]+")

IN_USE: Final = Rejected(
    "invalid_state",
    "expected one request at a time with this Idempotency-Key, but one is at work: ask again when it is answered",
    FIELD,
    code="idempotency_key_in_use",
)
REUSED: Final = Rejected(
    "invalid_argument",
    "expected the request that this Idempotency-Key was first sent with, but this is another one",
    FIELD,
    code="idempotency_key_reused",
)


def idempotency_key(headers: Mapping[str, str]) -> str | None | Rejected:
    """The key of a request; None where it has none."""
    key = headers.get("Idempotency-Key")
    if key is None or (len(key) <= MAX_CHARS and _KEY.fullmatch(key)):
        return key
    sentence = f"expected 1 to {MAX_CHARS} visible ASCII characters, but the Idempotency-Key is none of these"
    return bad_request(sentence, FIELD)


def fingerprint(call: Call[BodyT_co, QueryT_co]) -> str:
    """The SHA-256 of what is asked for: method, path with query, and the body's bytes."""
    what = f"{call.request.method} {call.request.raw_path}\n".encode()
    return hashlib.sha256(what + call.raw).hexdigest()
