"""What a secret may look like where it should not be: as it is, in hex, in base64 wherever it begins, in a URL."""

from base64 import b64decode, b64encode, urlsafe_b64encode
from collections.abc import Iterator, Mapping
from urllib.parse import quote

SHORTEST_FORM = 12
"""Bytes. Anything shorter would be found by chance."""

_ENCODERS = {"base64": b64encode, "base64url": urlsafe_b64encode}


def forms_of(secret: str) -> dict[bytes, str]:
    """Every form with its name. A signing secret has a second body: the bytes that its text stands for."""
    forms = [*_of_bytes(secret.encode(), "text"), (quote(secret, safe="").encode(), "percent-encoded text")]
    if secret.startswith("whsec_"):
        key = secret.removeprefix("whsec_")
        forms += [*_of_bytes(key.encode(), "text without prefix"), *_of_bytes(b64decode(key), "bytes")]
    return dict(reversed(forms))  # of two names for the same form the first one stays


def _of_bytes(raw: bytes, what: str) -> Iterator[tuple[bytes, str]]:
    yield raw, what
    yield raw.hex().encode(), f"hex of the {what}"
    yield raw.hex().upper().encode(), f"hex of the {what}"
    for name, encode in _ENCODERS.items():
        for before in range(3):
            yield _inner(encode(bytes(before) + raw), before, len(raw)), f"{name} of the {what}"


def _inner(encoded: bytes, before: int, length: int) -> bytes:
    """The characters that the neighbours have no part in: what is the same wherever the secret stands."""
    first = -(-before * 8 // 6)
    return encoded[first : (before + length) * 8 // 6]


def found_in(places: Mapping[str, bytes], secrets: Mapping[str, str]) -> list[tuple[str, str, str]]:
    """Where something secret stands: the place, whose secret, and in which form."""
    forms = [(name, form, how) for name, secret in secrets.items() for form, how in forms_of(secret).items()]
    assert all(len(form) >= SHORTEST_FORM for _, form, _ in forms), "expected secrets that are long enough to be told"
    return [(place, name, how) for place, text in places.items() for name, form, how in forms if form in text]
