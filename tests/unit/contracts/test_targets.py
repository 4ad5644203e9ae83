"""The table of addresses that nothing is sent to, address by address, and the public ones beside it."""

from ipaddress import IPv4Network, ip_address

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.targets import DENIED_IPV4, Address, TargetPolicy

DENIED = """
0.0.0.0 0.1.2.3 10.0.0.1 10.255.255.255 100.64.0.1 100.100.100.200 100.127.255.255 127.0.0.1 127.255.255.254
168.63.129.16 169.254.0.1 169.254.169.254 169.254.170.2 172.16.0.1 172.31.255.255 192.0.0.1 192.0.0.9 192.0.0.170
192.0.0.192 192.0.2.1 192.31.196.1 192.52.193.1 192.88.99.1 192.168.0.1 192.168.255.255 192.175.48.1 198.18.0.1
198.19.255.255 198.51.100.1 203.0.113.1 224.0.0.1 239.255.255.255 240.0.0.1 255.255.255.255
:: ::1 ::127.0.0.1 ::8.8.8.8 ::ffff:127.0.0.1 ::ffff:10.0.0.1 ::ffff:169.254.169.254 ::ffff:0.0.0.0 ::ffff:0:127.0.0.1
64:ff9b::127.0.0.1 64:ff9b::10.0.0.1 64:ff9b::a9fe:a9fe 64:ff9b:1::1 64:ff9b:1::7f00:1 100::1 100:0:0:1::1 2001::1
2001:0:7f00:1::1 2001:2::1 2001:10::1 2001:20::1 2001:1::1 2001:db8::1 2002:7f00:1:: 2002:a00:1::1 2620:4f:8000::1
3fff::1 5f00::1 fc00::1 fd00:ec2::254 fd12:3456::1 fe80::1 fe80::1%eth0 febf::1 fec0::1 ff02::1 ff05::2 4000::1 e000::1
2a00::5efe:10.0.0.1 2a00::200:5efe:127.0.0.1
""".split()

PUBLIC = """
1.1.1.1 8.8.8.8 93.184.216.34 100.63.255.255 100.128.0.1 172.15.255.255 172.32.0.1 192.0.1.1 198.17.255.255 198.20.0.1
168.63.129.15 223.255.255.255 ::ffff:8.8.8.8 64:ff9b::8.8.8.8 2001:4860:4860::8888 2606:4700::1111 2a00:1450::1
2001:200::1 2a00::5efe:8.8.8.8
""".split()

DEFAULT = TargetPolicy()
LOOPBACK = TargetPolicy.from_cidrs(["127.0.0.0/8", " ::1/128 ", ""])


def test_the_table_of_denied_addresses_is_long_enough() -> None:
    assert len(set(DENIED)) >= 57


@pytest.mark.parametrize("address", DENIED)
def test_an_internal_address_is_denied(address: str) -> None:
    assert DEFAULT.refusal_of_text(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_a_public_address_is_allowed(address: str) -> None:
    assert DEFAULT.refusal_of_text(address) is None


@pytest.mark.parametrize("text", ["", "localhost", "127.1", "1.2.3.4.5", "/var/run/docker.sock"])
def test_a_text_that_is_no_address_is_denied(text: str) -> None:
    assert DEFAULT.refusal_of_text(text) == "not an address"


@pytest.mark.parametrize("address", ["127.0.0.1", "127.9.9.9", "::1", "::ffff:127.0.0.1"])
def test_an_allowed_network_lets_its_addresses_through(address: str) -> None:
    assert LOOPBACK.refusal_of_text(address) is None


@pytest.mark.parametrize("address", ["10.0.0.1", "169.254.169.254", "64:ff9b::127.0.0.1", "2002:7f00:1::", "fe80::1"])
def test_an_allowed_network_opens_nothing_else(address: str) -> None:
    assert LOOPBACK.refusal_of_text(address)


def test_a_broken_cidr_is_named() -> None:
    with pytest.raises(ValueError, match=r"10\.0\.0\.1/8"):
        TargetPolicy.from_cidrs(["127.0.0.0/8", "10.0.0.1/8"])


@given(st.sampled_from([network for network, _ in DENIED_IPV4]), st.integers(min_value=0))
def test_every_address_of_a_denied_network_is_denied_mapped_or_not(network: IPv4Network, offset: int) -> None:
    address = network[offset % network.num_addresses]
    assert DEFAULT.refusal(address)
    assert DEFAULT.refusal(ip_address(f"::ffff:{address}"))


@given(st.ip_addresses())
def test_what_is_allowed_is_global_to_the_standard_library_too(address: Address) -> None:
    if DEFAULT.refusal(address) is None and not getattr(address, "ipv4_mapped", None):
        assert address.is_global
