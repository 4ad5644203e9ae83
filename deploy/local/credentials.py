"""What the local stack made up and must remember: passwords, the master key, the API key. Kept 0600 in `var/`."""

import base64
import os
import secrets
from collections.abc import Callable
from pathlib import Path

from libs.contracts.codec import dump_json, parse_json


class Credentials:
    """Named secrets in one file; each is made at its first use and the same ever after."""

    def __init__(self, var: Path) -> None:
        self._path = var / "credentials.json"
        self._known: dict[str, str] = _read(self._path)

    def password(self, role: str) -> str:
        return self._recall(f"password:{role}", lambda: secrets.token_urlsafe(24))

    def master_key(self) -> str:
        """Base64 of 32 bytes: what secrets at rest are encrypted under."""
        return self._recall("master_key", lambda: base64.b64encode(secrets.token_bytes(32)).decode())

    def api_key(self) -> str:
        """The bootstrap API key: `mbx_` and base62 of 32 bytes."""
        return self._recall("api_key", lambda: "mbx_" + _base62(secrets.token_bytes(32)))

    def _recall(self, name: str, make: Callable[[], str]) -> str:
        if name not in self._known:
            self._known[name] = make()
            write_private(self._path, dump_json(self._known).decode())
        return self._known[name]


def _read(path: Path) -> dict[str, str]:
    if not path.exists():
        return {}
    known = parse_json(path.read_bytes())
    return {str(name): str(value) for name, value in known.items()} if isinstance(known, dict) else {}


def write_private(path: Path, text: str) -> None:
    """Replaces a file in one step with one that only its owner may read."""
    path.parent.mkdir(parents=True, exist_ok=True)
    fresh = path.with_name(path.name + ".new")
    fresh.unlink(missing_ok=True)
    with open(os.open(fresh, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600), "w") as file:
        file.write(text)
    fresh.replace(path)


def _base62(raw: bytes) -> str:
    alphabet = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
    number, digits = int.from_bytes(raw, "big"), ""
    while number:
        number, digit = divmod(number, 62)
        digits = alphabet[digit] + digits
    return digits.rjust(43, "0")
