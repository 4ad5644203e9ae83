"""Signatures, held against two verifiers that this project did not write."""

import hashlib
import hmac
from datetime import UTC, datetime, timedelta

import pytest
from deepnoodle.mobius.webhook import InvalidWebhookSignatureError, verify_webhook_signature
from hypothesis import given
from hypothesis import strategies as st
from standardwebhooks.webhooks import Webhook, WebhookVerificationError

from libs.contracts import signing

SECRET = signing.new_signing_secret(bytes(range(32)))
OLD_SECRET = signing.new_signing_secret(bytes(32))
BODY = b'{"run_id":"run_1","parameters":{"doc_id":"d-1"}}'


def _headers(*secrets: str, at: datetime | None = None, body: bytes = BODY) -> dict[str, str]:
    return signing.signature_headers(secrets, "dlv_1", at or datetime.now(UTC), body)


def test_new_secret_has_prefix_and_base64_of_its_bytes() -> None:
    assert signing.new_signing_secret(b"\x00" * 32) == "whsec_" + "A" * 43 + "="


@pytest.mark.parametrize("size", [0, 31, 33])
def test_new_secret_from_other_sizes_is_refused(size: int) -> None:
    with pytest.raises(ValueError, match="expected 32 random bytes"):
        signing.new_signing_secret(bytes(size))


@given(st.binary(min_size=32, max_size=32), st.text(st.characters(codec="utf-8"), max_size=300).map(str.encode))
def test_any_body_passes_both_independent_verifiers(random_bytes: bytes, body: bytes) -> None:
    secret = signing.new_signing_secret(random_bytes)
    headers = signing.signature_headers([secret], "dlv_1", datetime.now(UTC), body)
    verify_webhook_signature(secret, body, headers["X-Mobius-Signature"])
    Webhook(secret).verify(body, headers, json_parse=False)
    assert signing.verify_body(secret, body, headers["X-Mobius-Signature"])
    assert signing.verify_standard_webhook(secret, headers, body, datetime.now(UTC))


def test_mobius_signature_is_keyed_by_the_whole_secret_text() -> None:
    expected = hmac.new(SECRET.encode(), BODY, hashlib.sha256).hexdigest()
    assert signing.sign_body(SECRET, BODY) == f"sha256={expected}"


def test_standard_webhooks_library_accepts_the_headers() -> None:
    assert Webhook(SECRET).verify(BODY.decode(), _headers(SECRET)) is not None


@pytest.mark.parametrize("verifier", [SECRET, OLD_SECRET])
def test_during_a_rotation_both_secrets_verify(verifier: str) -> None:
    headers = _headers(SECRET, OLD_SECRET)
    assert Webhook(verifier).verify(BODY.decode(), headers) is not None
    assert signing.verify_standard_webhook(verifier, headers, BODY, datetime.now(UTC))


def test_newest_secret_makes_the_mobius_signature() -> None:
    headers = _headers(SECRET, OLD_SECRET)
    verify_webhook_signature(SECRET, BODY, headers["X-Mobius-Signature"])
    with pytest.raises(InvalidWebhookSignatureError):
        verify_webhook_signature(OLD_SECRET, BODY, headers["X-Mobius-Signature"])


@pytest.mark.parametrize("changed", [BODY + b" ", BODY[:-1], b""])
def test_another_body_fails_every_verifier(changed: bytes) -> None:
    headers = _headers(SECRET)
    assert not signing.verify_body(SECRET, changed, headers["X-Mobius-Signature"])
    assert not signing.verify_standard_webhook(SECRET, headers, changed, datetime.now(UTC))
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(changed.decode(), headers)


@pytest.mark.parametrize("drift", [timedelta(minutes=-6), timedelta(minutes=6)])
def test_a_timestamp_too_far_off_is_refused(drift: timedelta) -> None:
    now = datetime.now(UTC)
    headers = _headers(SECRET, at=now + drift)
    assert not signing.verify_standard_webhook(SECRET, headers, BODY, now)
    with pytest.raises(WebhookVerificationError):
        Webhook(SECRET).verify(BODY.decode(), headers)


@pytest.mark.parametrize(
    "broken",
    [
        {"webhook-id": ""},
        {"webhook-id": "dlv_2"},
        {"webhook-timestamp": "soon"},
        {"webhook-timestamp": "9" * 5000},
        {"webhook-signature": ""},
        {"webhook-signature": "v1,AAAA v2,é"},
    ],
)
def test_broken_headers_are_refused_without_an_error(broken: dict[str, str]) -> None:
    headers = {**_headers(SECRET), **broken}
    assert not signing.verify_standard_webhook(SECRET, headers, BODY, datetime.now(UTC))


@pytest.mark.parametrize("signature", ["", "sha256=", "sha256=" + "0" * 64, "é", "sha1=abc"])
def test_a_wrong_mobius_signature_is_refused(signature: str) -> None:
    assert not signing.verify_body(SECRET, BODY, signature)


def test_signing_without_a_secret_is_a_bug() -> None:
    with pytest.raises(ValueError, match="at least one active secret"):
        _headers()


def test_a_secret_that_does_not_decode_is_not_repeated() -> None:
    with pytest.raises(ValueError, match="does not decode") as caught:
        _headers("whsec_not base64!")
    assert "not base64" not in str(caught.value)
