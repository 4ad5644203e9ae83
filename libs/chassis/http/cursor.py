"""Opaque cursors: a list's position, unreadable enough that nobody builds on its form."""

import base64
import binascii
from collections.abc import Sequence
from datetime import datetime

from libs.chassis.clock import format_time, parse_time
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


def encode_moment(moment: datetime, item: str) -> str:
    """The cursor of a list by time: when the last item was, and its id, because many may be of one moment."""
    return encode_cursor(format_time(moment), item)


def decode_moment(text: str) -> tuple[datetime, str] | Rejected:
    """The moment and the id that `encode_moment` was given. Refuses anything else, also what is no moment in UTC."""
    position = decode_cursor(text, [str, str])
    if isinstance(position, Rejected):
        return position
    try:
        return parse_time(str(position[0])), str(position[1])
    except (ValueError, OverflowError):
        return INVALID_CURSOR


def _is(part: Json, kind: type[str] | type[int]) -> bool:
    return isinstance(part, kind) and not isinstance(part, bool)
