"""Endpoint URLs that may be registered, and every spelling of what may not."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from libs.contracts.target_urls import MAX_URL_CHARS, check_url
from libs.contracts.targets import TargetPolicy

DEFAULT = TargetPolicy()
LOOPBACK = TargetPolicy.from_cidrs(["127.0.0.0/8", "::1/128"])

LOOPBACK_HOSTS = """
127.0.0.1 127.1 127.0.1 127.0.0.1. 2130706433 017700000001 0177.0.0.1 0x7f.0.0.1 0x7f000001 0x7F.1 [::1]
[::ffff:127.0.0.1] [::ffff:7f00:1] [0:0:0:0:0:0:0:1] localhost localhost. LOCALHOST a.localhost 127.0.0.2
""".split()

REFUSED = {
    "": "characters",
    "http://example.com/" + "a" * MAX_URL_CHARS: "characters",
    "ftp://example.com/": "scheme",
    "file:///etc/passwd": "scheme",
    "//example.com/": "scheme",
    "example.com": "scheme",
    "http://": "host",
    "http:///path": "host",
    "http://user@example.com/": "user name",
    "http://user:pw@example.com/": "user name",
    "http://example.com@127.0.0.1/": "user name",
    "http://example.com/#top": "fragment",
    "http://example.com/a#": "fragment",
    "http://example.com:0/": "port",
    "http://example.com:/": "port",
    "http://example.com:65536/": "port",
    "http://example.com:x/": "port",
    "http://example.com:+80/": "port",
    "http://exa mple.com/": "ASCII",
    "http://example.com/\n": "ASCII",
    "http://example.com\\@127.0.0.1/": "ASCII",
    "http://münchen.example/": "ASCII",
    "http://127。0。0。1/": "ASCII",
    "http://①②⑦.0.0.1/": "ASCII",
    "http://[fe80::1%25eth0]/": "zone",
    "http://[::1]evil/": "host",
    "http://[::1/": "host",
    "http://[v1.fe80]/": "host",
    "http://256.1.1.1/": "IPv4",
    "http://1.2.3.4.5/": "IPv4",
    "http://09.1.1.1/": "IPv4",
    "http://99999999999/": "IPv4",
    "http://a..b/": "host name",
    "http://-a.example/": "host name",
    "http://" + "a" * 64 + ".example/": "host name",
    "http://exa%6dple.com/": "host name",
    "http://exam_ple!.com/": "host name",
    "http://10.0.0.1/": "may send to",
    "http://169.254.169.254/latest/meta-data/": "may send to",
    "http://0/": "may send to",
    "http://[::]/": "may send to",
    "http://[fd00:ec2::254]/": "may send to",
}


@pytest.mark.parametrize(
    "url",
    [
        "http://example.com",
        "https://hooks.example.com/a/b?c=d&e=%20",
        "HTTPS://Example.COM:8443/",
        "http://xn--mnchen-3ya.example/",
        "http://summariser.default.svc.cluster.local:8080/v1",
        "http://8.8.8.8/",
        "http://[2606:4700::1111]:80/",
        "http://my_service/",
    ],
)
def test_a_public_url_is_taken(url: str) -> None:
    assert check_url(url, DEFAULT) is None


@pytest.mark.parametrize(("url", "word"), REFUSED.items())
def test_a_url_outside_the_rules_is_refused_with_a_sentence(url: str, word: str) -> None:
    refused = check_url(url, LOOPBACK)
    assert refused is not None
    assert refused.sentence.startswith("expected ")
    assert ", but " in refused.sentence
    assert word in refused.sentence


@pytest.mark.parametrize("host", LOOPBACK_HOSTS)
def test_every_spelling_of_loopback_is_recognised(host: str) -> None:
    refused = check_url(f"http://{host}:8080/hook", DEFAULT)
    assert refused is not None
    assert "loopback" in refused.sentence
    assert check_url(f"http://{host}:8080/hook", LOOPBACK) is None


@given(st.text(max_size=60))
def test_any_text_is_answered_without_an_error(text: str) -> None:
    check_url(text, DEFAULT)
    check_url(f"http://{text}/", DEFAULT)
