"""Secrets at rest: AES-256-GCM under a key that can be rotated.

What is sealed names its key, so old text opens while new text is sealed under the active key. The associated data
(for example the id of the row) is bound to it: moved to another row, it does not open.
"""

import base64
import hashlib
import os
from collections.abc import Mapping
from dataclasses import dataclass

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

KEY_BYTES = 32
NONCE_BYTES = 12
_FORMAT = "v1"


class CannotOpen(ValueError):
    """Sealed text that does not open: an unknown key, other associated data, or a changed bit."""


@dataclass(frozen=True, slots=True)
class Sealed:
    """Ciphertext (with its tag), the nonce it was made with and the id of its key."""

    key_id: str
    nonce: bytes
    ciphertext: bytes

    def __str__(self) -> str:
        return f"{_FORMAT}.{self.key_id}.{_encode(self.nonce)}.{_encode(self.ciphertext)}"

    @classmethod
    def parse(cls, text: str) -> "Sealed":
        """Reads what `str()` wrote. Raises `CannotOpen` for anything else."""
        parts = text.split(".")
        if len(parts) != 4 or parts[0] != _FORMAT:
            raise CannotOpen(f"expected {_FORMAT}.<key>.<nonce>.<ciphertext>, but the text has another form")
        try:
            return cls(parts[1], _decode(parts[2]), _decode(parts[3]))
        except ValueError:
            raise CannotOpen("expected base64url in the nonce and the ciphertext, but it is not") from None


class Sealer:
    """Seals under the active key, opens under every key it has."""

    def __init__(self, keys: Mapping[str, bytes], active: str) -> None:
        """`keys` are 32 bytes each, by id. Raises `ValueError` for another length or an unknown `active`."""
        if any(len(key) != KEY_BYTES for key in keys.values()):
            raise ValueError(f"expected keys of {KEY_BYTES} bytes, but at least one has another length")
        if active not in keys:
            raise ValueError(f"expected the active key among the keys, but {active!r} is not there")
        self.active = active
        self._ciphers = {key_id: AESGCM(key) for key_id, key in keys.items()}

    @classmethod
    def from_base64(cls, master_key: str) -> "Sealer":
        """From base64 of 32 bytes; during a rotation several with commas between them, the active one first."""
        keys = [_master_key(part.strip()) for part in master_key.split(",")]
        return cls({key_id(key): key for key in keys}, key_id(keys[0]))

    def seal(self, plaintext: bytes, aad: bytes) -> Sealed:
        """Encrypts under the active key with a fresh random nonce."""
        nonce = os.urandom(NONCE_BYTES)
        return Sealed(self.active, nonce, self._ciphers[self.active].encrypt(nonce, plaintext, aad))

    def open(self, sealed: Sealed, aad: bytes) -> bytes:
        """Decrypts. Raises `CannotOpen`, which tells nothing about the content."""
        cipher = self._ciphers.get(sealed.key_id)
        if cipher is None:
            raise CannotOpen(f"expected a key that is configured, but {sealed.key_id[:16]!r} is not")
        try:
            return cipher.decrypt(sealed.nonce, sealed.ciphertext, aad)
        except (InvalidTag, ValueError):
            raise CannotOpen("expected text sealed for this place, but it was changed or moved") from None


def key_id(key: bytes) -> str:
    """A key's name: a short fingerprint, so that the same key has the same name everywhere."""
    return hashlib.blake2b(key, digest_size=4, person=b"mobius-key-id").hexdigest()


def _master_key(text: str) -> bytes:
    try:
        key = base64.b64decode(text, validate=True)
    except ValueError:
        raise ValueError("expected the master key as base64, but it is not") from None
    if len(key) != KEY_BYTES:
        raise ValueError(f"expected a master key of {KEY_BYTES} bytes in base64, but it has {len(key)}")
    return key


def _encode(raw: bytes) -> str:
    return base64.urlsafe_b64encode(raw).rstrip(b"=").decode()


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
