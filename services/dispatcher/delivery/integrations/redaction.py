"""Takes secrets out of what comes back, whoever put them there: an error that quotes its request, an echo of headers.

What an integration answers goes into events, logs and the audit log. An integration takes care; this is for the day
when it, or the other side, does not.
"""

from collections.abc import Iterable
from dataclasses import replace
from typing import Final, cast

from libs.contracts.codec import Json, JsonObject
from services.dispatcher.delivery.integrations.port import Connecting
from services.dispatcher.delivery.verdict import Success, Verdict

REDACTED: Final = "[redacted]"
SHORTEST: Final = 6
"""Characters. What is shorter is in every other text."""


def secrets_in(connecting: Connecting | None, credentials: JsonObject) -> list[str]:
    """The texts of the credentials that the schema marks `writeOnly`, longest first."""
    fields = (connecting.schema.get("properties") if connecting else None) or {}
    assert isinstance(fields, dict)
    secret = [name for name, field in fields.items() if isinstance(field, dict) and field.get("writeOnly") is True]
    texts = [text for name in secret if isinstance(text := credentials.get(name), str)]
    return sorted((text for text in texts if len(text) >= SHORTEST), key=len, reverse=True)


def redacted(verdict: Verdict, secrets: Iterable[str]) -> Verdict:
    """The verdict without any of the secrets, in values and in names."""
    words = list(secrets)
    if not words:
        return verdict
    if isinstance(verdict, Success):
        return Success(_without(verdict.result, words))
    details = cast(JsonObject, _without(dict(verdict.details), words))
    return replace(verdict, sentence=_text_without(verdict.sentence, words), details=details)


def _without(value: Json, secrets: list[str]) -> Json:
    if isinstance(value, str):
        return _text_without(value, secrets)
    if isinstance(value, list):
        return [_without(item, secrets) for item in value]
    if isinstance(value, dict):
        return {_text_without(name, secrets): _without(member, secrets) for name, member in value.items()}
    return value


def _text_without(text: str, secrets: list[str]) -> str:
    for secret in secrets:
        text = text.replace(secret, REDACTED)
    return text
