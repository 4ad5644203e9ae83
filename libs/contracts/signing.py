"""Signatures over the bodies that Mobius POSTs: how they are made and how a receiver checks them.

Two schemes travel side by side and sign the same bytes. `X-Mobius-Signature` is the HMAC-SHA256 of the body alone,
keyed by the bytes of the whole secret string. The Standard Webhooks headers cover the message id and the time too, are
keyed by the decoded secret, and carry one signature per active secret, so that a receiver survives a rotation.
"""

import base64
import binascii
import hashlib
import hmac
from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Final

SECRET_PREFIX: Final = "whsec_"
SECRET_BYTES: Final = 32
SIGNATURE_HEADER: Final = "X-Mobius-Signature"
ID_HEADER: Final = "webhook-id"
TIMESTAMP_HEADER: Final = "webhook-timestamp"
STANDARD_SIGNATURE_HEADER: Final = "webhook-signature"
TIMESTAMP_TOLERANCE: Final = timedelta(minutes=5)

_BODY_SCHEME = "sha256="
_STANDARD_SCHEME = "v1,"
_TIMESTAMP_DIGITS = 12


def new_signing_secret(random_bytes: bytes) -> str:
    """The text of a new secret, made from exactly 32 random bytes (ValueError otherwise)."""
    if len(random_bytes) != SECRET_BYTES:
        raise ValueError(f"expected {SECRET_BYTES} random bytes, but got {len(random_bytes)}")
    return SECRET_PREFIX + base64.b64encode(random_bytes).decode("ascii")


def sign_body(secret: str, body: bytes) -> str:
    """The value of `X-Mobius-Signature`: `sha256=` and the hex HMAC-SHA256 of the body."""
    return _BODY_SCHEME + hmac.new(secret.encode("utf-8"), body, hashlib.sha256).hexdigest()


def verify_body(secret: str, body: bytes, signature: str) -> bool:
    """Whether `signature` (a value of `X-Mobius-Signature`) was made over `body` with `secret`."""
    return hmac.compare_digest(sign_body(secret, body).encode("ascii"), signature.encode("utf-8"))


def standard_webhook_headers(secrets: Sequence[str], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """The three Standard Webhooks headers; every secret signs, the first one first (ValueError without any)."""
    if not secrets:
        raise ValueError("expected at least one active secret, but got none")
    timestamp = str(int(now.timestamp()))
    signatures = (_STANDARD_SCHEME + _standard_signature(secret, message_id, timestamp, body) for secret in secrets)
    return {ID_HEADER: message_id, TIMESTAMP_HEADER: timestamp, STANDARD_SIGNATURE_HEADER: " ".join(signatures)}


def signature_headers(secrets: Sequence[str], message_id: str, now: datetime, body: bytes) -> dict[str, str]:
    """All signature headers of one POST; `secrets` are the active ones, newest first (ValueError without any)."""
    headers = standard_webhook_headers(secrets, message_id, now, body)
    return {SIGNATURE_HEADER: sign_body(secrets[0], body), **headers}


def verify_standard_webhook(secret: str, headers: Mapping[str, str], body: bytes, now: datetime) -> bool:
    """Whether lower-cased `headers` carry a Standard Webhooks signature by `secret`, at most five minutes off."""
    message_id, timestamp = headers.get(ID_HEADER, ""), headers.get(TIMESTAMP_HEADER, "")
    if not message_id or not _is_recent(timestamp, now):
        return False
    expected = (_STANDARD_SCHEME + _standard_signature(secret, message_id, timestamp, body)).encode("ascii")
    offered = headers.get(STANDARD_SIGNATURE_HEADER, "").split(" ")
    return any(hmac.compare_digest(expected, one.encode("utf-8")) for one in offered)


def _is_recent(timestamp: str, now: datetime) -> bool:
    if len(timestamp) > _TIMESTAMP_DIGITS or not (timestamp.isascii() and timestamp.isdigit()):
        return False
    return abs(int(timestamp) - now.timestamp()) <= TIMESTAMP_TOLERANCE.total_seconds()


def _standard_signature(secret: str, message_id: str, timestamp: str, body: bytes) -> str:
    signed = b".".join((message_id.encode("utf-8"), timestamp.encode("ascii"), body))
    return base64.b64encode(hmac.new(_decoded(secret), signed, hashlib.sha256).digest()).decode("ascii")


def _decoded(secret: str) -> bytes:
    """The key bytes inside a secret; ValueError for a text that is not one of ours, without repeating it."""
    try:
        return base64.b64decode(secret.removeprefix(SECRET_PREFIX), validate=True)
    except (binascii.Error, ValueError):
        raise ValueError(
            f"expected a secret of the form {SECRET_PREFIX}<base64>, but its text does not decode"
        ) from None
