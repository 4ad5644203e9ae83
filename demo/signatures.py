"""Checks the signatures of a delivery with two libraries that Mobius did not write.

`standardwebhooks` is the reference implementation of the Standard Webhooks headers; the verifier of the published SDK
checks `X-Mobius-Signature`. Both have to agree, otherwise the delivery is refused.
"""

from __future__ import annotations

from collections.abc import Mapping

from deepnoodle.mobius.webhook import WEBHOOK_SIGNATURE_HEADER, InvalidWebhookSignatureError, verify_webhook_signature
from standardwebhooks import Webhook
from standardwebhooks.webhooks import WebhookVerificationError


def refusal(secret: str | None, body: bytes, headers: Mapping[str, str]) -> str | None:
    """Why the delivery is not to be believed, as a sentence; None when both signatures are right."""
    if secret is None:
        return "expected to know the signing secret by now, but nobody has given it to this receiver"
    return _standard_refusal(secret, body, headers) or _body_refusal(secret, body, headers)


def _standard_refusal(secret: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    try:
        Webhook(secret).verify(body, dict(headers), json_parse=False)
    except (WebhookVerificationError, ValueError) as error:
        return f"expected Standard Webhooks headers that sign this body, but: {error}"
    return None


def _body_refusal(secret: str, body: bytes, headers: Mapping[str, str]) -> str | None:
    try:
        verify_webhook_signature(secret, body, headers.get(WEBHOOK_SIGNATURE_HEADER))
    except InvalidWebhookSignatureError as error:
        return f"expected {WEBHOOK_SIGNATURE_HEADER} to sign this body, but: {error}"
    return None
