"""Opaque cursors: a list's position, unreadable enough that nobody builds on its form."""

import base64
import binascii
from collections.abc import Sequence

from libs.chassis.decider import Rejected
from libs.contracts.codec import InvalidJson, Json, dump_json, parse_json

INVALID_CURSOR = Rejected(
    "invalid_argument", "expected cursor to be the next_cursor of an earlier answer, but it is not", field="cursor"
)


def encode_cursor(*position: str | int) -> str:
    """The cursor for a position, for example `(created_at, id)` of the last item."""
    return base64.urlsafe_b64encode(dump_json(position)).rstrip(b"=").decode()


def decode_cursor(text: str, shape: Sequence[type[str] | type[int]]) -> tuple[str | int, ...] | Rejected:
    """The position that `encode_cursor` was given; `shape` is the type of each part. Refuses anything else."""
    try:
        raw = base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
        parts = parse_json(raw)
    except (binascii.Error, InvalidJson, ValueError):
        return INVALID_CURSOR
    if not isinstance(parts, list) or len(parts) != len(shape):
        return INVALID_CURSOR
    position = [part for part, kind in zip(parts, shape, strict=True) if _is(part, kind)]
    return tuple(position) if len(position) == len(shape) else INVALID_CURSOR  # type: ignore[arg-type]


def _is(part: Json, kind: type[str] | type[int]) -> bool:
    return isinstance(part, kind) and not isinstance(part, bool)
