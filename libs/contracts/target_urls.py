"""What an endpoint URL may look like, checked without a network: at registration, and again before every POST.

A URL is read more strictly than by any client, so that no two readers can disagree about its host. An address is
recognised in every spelling that a resolver would take (`127.1`, `0x7f.0.0.1`, `2130706433`, `[::ffff:7f00:1]`) and is
held against the target policy; a name passes, because only its answers can be judged.
"""

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address
from typing import Final
from urllib.parse import SplitResult, urlsplit

from libs.contracts.targets import Address, TargetPolicy

MAX_URL_CHARS: Final = 2048

_PRINTABLE_ASCII = re.compile(r"[!-~]+")
_FORBIDDEN = re.compile(r"[\\<>\"`{}|^]")
_AUTHORITY = re.compile(r"(\[[0-9A-Za-z.%]*:[0-9A-Za-z:.%]*\]|[^\[\]:@]+)(:[0-9]{1,5})?")
_LABEL = re.compile(r"[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?")
_MAX_NAME_CHARS = 253
_IPV4_PARTS = (
    (re.compile(r"0x([0-9a-f]{0,16})"), 16),
    (re.compile(r"0([0-7]{0,16})"), 8),
    (re.compile(r"([1-9][0-9]{0,16})"), 10),
)


@dataclass(frozen=True)
class UrlRefused:
    """A URL that Mobius does not POST to; `sentence` has the form "expected …, but …"."""

    sentence: str


def check_url(url: str, policy: TargetPolicy) -> UrlRefused | None:
    """Why `url` is no endpoint that `policy` allows; None when nothing speaks against it so far."""
    if not url or len(url) > MAX_URL_CHARS:
        return _refused(f"a URL of 1 to {MAX_URL_CHARS} characters", f"it has {len(url)}")
    if not _PRINTABLE_ASCII.fullmatch(url) or _FORBIDDEN.search(url):
        return _refused(
            "a URL of ASCII characters that need no escaping",
            "it has others (write names as xn--… and the rest as %XX)",
        )
    if "#" in url:
        return _refused("no fragment", "the URL has one")
    try:
        parts = urlsplit(url)
        port = parts.port
    except ValueError:
        return _refused("a URL", "its host or its port cannot be read")
    return _check_parts(parts, port) or _check_host(parts.hostname or "", policy)


def _check_parts(parts: SplitResult, port: int | None) -> UrlRefused | None:
    if parts.scheme not in ("http", "https"):
        return _refused("the scheme http or https", f"it is {parts.scheme[:20] or 'missing'}")
    if not parts.hostname:
        return _refused("a host", "it is missing")
    if "@" in parts.netloc:
        return _refused("no user name or password in the URL", "it has one")
    if port == 0 or parts.netloc.endswith(":"):
        return _refused("a port from 1 to 65535", "it is 0 or empty")
    if not _AUTHORITY.fullmatch(parts.netloc):
        return _refused("a host and an optional port", "there is something else between them")
    return None


def _check_host(host: str, policy: TargetPolicy) -> UrlRefused | None:
    name = host.removesuffix(".")
    address = literal_address(name)
    if isinstance(address, UrlRefused):
        return address
    if address is None and (name == "localhost" or name.endswith(".localhost")):
        address = IPv4Address("127.0.0.1")
    if address is not None:
        why = policy.refusal(address)
        return _refused("an address that this installation may send to", f"{host} is {why}") if why else None
    if len(name) > _MAX_NAME_CHARS or not all(_LABEL.fullmatch(label) for label in name.split(".")):
        return _refused("a host name of letters, digits, hyphens and dots", "it is none")
    return None


def literal_address(host: str) -> Address | UrlRefused | None:
    """The address that a lower-case host spells out; None for a name, a refusal for a broken address."""
    if ":" in host:
        return _ipv6_literal(host)
    last_label = host.rsplit(".", 1)[-1]
    if not last_label.isdigit() and not re.fullmatch(r"0x[0-9a-f]*", last_label):
        return None
    return _ipv4_literal(host.split("."))


def _ipv6_literal(host: str) -> Address | UrlRefused:
    try:
        if "%" in host:
            return _refused("an IPv6 address without a zone", "it has one")
        return IPv6Address(host)
    except ValueError:
        return _refused("an IPv6 address", "the host in brackets is none")


def _ipv4_literal(labels: list[str]) -> Address | UrlRefused:
    """One to four parts, each decimal, octal (0…) or hex (0x…); the last part fills all bytes that are left."""
    numbers = [_ipv4_part(label) for label in labels]
    known = [number for number in numbers if number is not None]
    leading, last = known[:-1], known[-1:]
    fits = len(known) == len(numbers) <= 4 and all(number <= 0xFF for number in leading)
    if not fits or last[0] >= 1 << (8 * (5 - len(numbers))):
        return _refused("an IPv4 address", "the numeric host is none")
    high = sum(number << (8 * (3 - place)) for place, number in enumerate(leading))
    return IPv4Address(high + last[0])


def _ipv4_part(label: str) -> int | None:
    for pattern, base in _IPV4_PARTS:
        match = pattern.fullmatch(label)
        if match:
            return int(match[1] or "0", base)
    return None


def _refused(expected: str, found: str) -> UrlRefused:
    return UrlRefused(f"expected {expected}, but {found}")
