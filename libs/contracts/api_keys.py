"""The form of an API key, and the only thing of it that is ever stored or said: its SHA-256.

A key has 256 random bits, so a plain hash is enough: there is nothing to guess, and every request looks one up.
"""

import hashlib
import re
from typing import Final

TOKEN_PREFIX: Final = "mbx_"
TOKEN_BYTES: Final = 32
TOKEN_FORM: Final = re.compile(r"mbx_[A-Za-z0-9_-]{1,256}")

_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
_DIGITS = 43
"""How many base62 digits hold 32 bytes."""


def new_token(random_bytes: bytes) -> str:
    """The text of a new key, made from exactly 32 random bytes (ValueError otherwise)."""
    if len(random_bytes) != TOKEN_BYTES:
        raise ValueError(f"expected {TOKEN_BYTES} random bytes, but got {len(random_bytes)}")
    number, digits = int.from_bytes(random_bytes, "big"), ""
    for _ in range(_DIGITS):
        number, digit = divmod(number, len(_ALPHABET))
        digits = _ALPHABET[digit] + digits
    return TOKEN_PREFIX + digits


def token_sha256(token: str) -> str:
    """The hash that `ApiKeyState` carries: hex of the SHA-256 over the whole token, without a project handle."""
    return hashlib.sha256(token.encode()).hexdigest()
