"""Where Mobius may POST to: the table of addresses that are nobody's business, and what an address is judged by.

The answer depends on the address alone. A name has to be resolved first, and the address that is judged must be the
one that is really connected; here is only the rule, pure, so that a registration and a connection share it.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address, ip_network
from typing import Final, TypeAlias

Address: TypeAlias = IPv4Address | IPv6Address
Network: TypeAlias = IPv4Network | IPv6Network

DENIED_IPV4: Final[tuple[tuple[IPv4Network, str], ...]] = tuple(
    (IPv4Network(cidr), why)
    for cidr, why in (
        ("0.0.0.0/8", "this network"),
        ("10.0.0.0/8", "a private network"),
        ("100.64.0.0/10", "carrier-grade NAT"),
        ("127.0.0.0/8", "loopback"),
        ("168.63.129.16/32", "a cloud platform's own services"),
        ("169.254.0.0/16", "link-local, where metadata services live"),
        ("172.16.0.0/12", "a private network"),
        ("192.0.0.0/24", "protocol assignments"),
        ("192.0.2.0/24", "documentation"),
        ("192.31.196.0/24", "a DNS sink"),
        ("192.52.193.0/24", "multicast tunnelling"),
        ("192.88.99.0/24", "a 6to4 relay"),
        ("192.168.0.0/16", "a private network"),
        ("192.175.48.0/24", "a DNS sink"),
        ("198.18.0.0/15", "benchmarking"),
        ("198.51.100.0/24", "documentation"),
        ("203.0.113.0/24", "documentation"),
        ("224.0.0.0/4", "multicast"),
        ("240.0.0.0/4", "reserved or broadcast"),
    )
)
DENIED_IPV6: Final[tuple[tuple[IPv6Network, str], ...]] = tuple(
    (IPv6Network(cidr), why)
    for cidr, why in (
        ("::/128", "the unspecified address"),
        ("::1/128", "loopback"),
        ("::/96", "an IPv4-compatible address"),
        ("::ffff:0:0:0/96", "an IPv4-translated address"),
        ("64:ff9b:1::/48", "a local NAT64 prefix"),
        ("100::/16", "discarded traffic"),
        ("2001::/32", "Teredo"),
        ("2001::/23", "protocol assignments"),
        ("2001:db8::/32", "documentation"),
        ("2002::/16", "6to4"),
        ("2620:4f:8000::/48", "a DNS sink"),
        ("3fff::/20", "documentation"),
        ("5f00::/16", "segment routing"),
        ("fc00::/7", "a private network"),
        ("fe80::/10", "link-local"),
        ("fec0::/10", "site-local"),
        ("ff00::/8", "multicast"),
    )
)
_GLOBAL_UNICAST = IPv6Network("2000::/3")
_NAT64 = IPv6Network("64:ff9b::/96")
_ISATAP_INTERFACES = (0x00005EFE, 0x02005EFE)


@dataclass(frozen=True)
class TargetPolicy:
    """The denied table, less the networks that the operator allows. The default allows nothing internal."""

    allowed: tuple[Network, ...] = ()

    @classmethod
    def from_cidrs(cls, cidrs: Iterable[str]) -> "TargetPolicy":
        """Reads CIDRs such as `127.0.0.0/8`; blanks are skipped, ValueError names the first text that is no CIDR."""
        return cls(tuple(ip_network(cidr.strip()) for cidr in cidrs if cidr.strip()))

    def refusal(self, address: Address) -> str | None:
        """Why nothing is sent to `address`, as a few words ("loopback"); None when it may be sent."""
        judged = _unmapped(address)
        if self._is_allowed(address) or self._is_allowed(judged):
            return None
        return _denied_as(judged)

    def refusal_of_text(self, text: str) -> str | None:
        """The same for an address as a socket spells it, with or without an IPv6 zone."""
        try:
            address = ip_address(text)
        except ValueError:
            return "not an address"
        return self.refusal(address)

    def _is_allowed(self, address: Address) -> bool:
        return any(address.version == network.version and address in network for network in self.allowed)


def _unmapped(address: Address) -> Address:
    """`::ffff:a.b.c.d` is `a.b.c.d`: the kernel sends it over IPv4. The zone of an IPv6 address is left out."""
    if isinstance(address, IPv4Address):
        return address
    return address.ipv4_mapped or IPv6Address(int(address))


def _denied_as(address: Address) -> str | None:
    if isinstance(address, IPv4Address):
        return next((why for network, why in DENIED_IPV4 if address in network), None)
    for network, why in DENIED_IPV6:
        if address in network:
            return why
    embedded = _embedded_ipv4(address)
    inner = _denied_as(embedded) if embedded is not None else None
    if inner is not None:
        return f"{inner}, embedded"
    return None if address in _GLOBAL_UNICAST or address in _NAT64 else "not a public address"


def _embedded_ipv4(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that a NAT64 gateway or an ISATAP tunnel would forward to."""
    low = int(address) & 0xFFFFFFFF
    is_isatap = (int(address) >> 32) & 0xFFFFFFFF in _ISATAP_INTERFACES
    return IPv4Address(low) if is_isatap or address in _NAT64 else None
