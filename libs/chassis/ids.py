"""Names for things: a prefix and 26 lower-case Crockford base32 characters, in 128 bits.

A new id is a UUIDv7: ids sort by the time they were made, and within one process strictly in the order they were made.
A derived id is the same for the same parts, which makes repeating harmless.
"""

import hashlib
import os
import threading
import time

ALPHABET = "0123456789abcdefghjkmnpqrstvwxyz"
_PAIRS = [high + low for high in ALPHABET for low in ALPHABET]
_SHIFTS = tuple(range(120, -1, -10))

_RANDOM_BITS = 74
_VERSION_7 = 7 << 76
_VARIANT = 0b10 << 62
_LOW_62 = (1 << 62) - 1


class _Sequence:
    """48 bits of milliseconds and 74 random bits, as one number that only grows."""

    def __init__(self) -> None:
        self._last = 0
        self._lock = threading.Lock()

    def next(self) -> int:
        entropy = int.from_bytes(os.urandom(9), "big")
        floor = time.time_ns() // 1_000_000 << _RANDOM_BITS
        with self._lock:
            if floor > self._last:
                self._last = floor | entropy
            else:  # same millisecond, or the clock stepped back: go on from the last one by a random stride
                self._last += (entropy & 0xFFFFFFFF) + 1
            return self._last


_sequence = _Sequence()
os.register_at_fork(after_in_child=_sequence.__init__)  # type: ignore[misc]


def new_id(prefix: str) -> str:
    """A fresh id such as `run_01jz8m3k5x7e2v9q4t6y8w0abc`."""
    number = _sequence.next()
    random_part = number & ((1 << _RANDOM_BITS) - 1)
    uuid = number >> _RANDOM_BITS << 80 | _VERSION_7 | random_part >> 62 << 64 | _VARIANT | random_part & _LOW_62
    return f"{prefix}_{encode(uuid)}"


def derived_id(prefix: str, *parts: str | int) -> str:
    """The id that these parts always have. Parts are kept apart: ("a", "bc") differs from ("ab", "c"), 1 from "1"."""
    marked = [f"s{len(part)}:{part}" if isinstance(part, str) else f"i{part}:" for part in (prefix, *parts)]
    digest = hashlib.blake2b("".join(marked).encode(), digest_size=16, person=b"mobius-id").digest()
    return f"{prefix}_{encode(int.from_bytes(digest, 'big'))}"


def encode(number: int) -> str:
    """128 bits as 26 characters that sort as the number does."""
    return "".join([_PAIRS[number >> shift & 1023] for shift in _SHIFTS])
