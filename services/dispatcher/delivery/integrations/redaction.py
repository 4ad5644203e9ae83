"""Takes secrets out of what comes back, whoever put them there: an error that quotes its request, an echo of headers.

What an integration answers goes into events, logs and the audit log. An integration takes care; this is for the day
when it, or the other side, does not. What is cut or encoded is looked through before: half a secret is not found.
"""

from collections.abc import Iterable, Iterator
from dataclasses import replace
from typing import Final, cast
from urllib.parse import quote, quote_plus

from libs.contracts.codec import Json, JsonObject, dump_json
from services.dispatcher.delivery.integrations.port import Connecting
from services.dispatcher.delivery.outcome import Outcome
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
    words = _spelled(secrets)
    if not words:
        return verdict
    if isinstance(verdict, Success):
        return Success(_without(verdict.result, words))
    details = cast(JsonObject, _without(dict(verdict.details), words))
    return replace(verdict, sentence=_text_without(verdict.sentence, words), details=details)


def outcome_without(outcome: Outcome, secrets: Iterable[str]) -> Outcome:
    """The outcome, ready to be quoted: neither its body nor its fault has any of the secrets."""
    words = _spelled(secrets)
    return replace(
        outcome, body=_bytes_without(outcome.body, words), fault_text=_text_without(outcome.fault_text, words)
    )


def bytes_without(raw: bytes, secrets: Iterable[str]) -> bytes:
    """Bytes as they came, without any of the secrets."""
    return _bytes_without(raw, _spelled(secrets))


def text_without(text: str, secrets: Iterable[str]) -> str:
    """A text without any of the secrets."""
    return _text_without(text, _spelled(secrets))


def _spelled(secrets: Iterable[str]) -> list[str]:
    """The secrets in every spelling, longest first."""
    found = {spelling for secret in secrets if secret for spelling in _spellings(secret)}
    return sorted(found, key=len, reverse=True)


def _spellings(secret: str) -> Iterator[str]:
    """As it is, in JSON, and in a URL or a form: not all of them escape the slash."""
    in_json = dump_json(secret).decode()[1:-1]
    yield from (secret, in_json, in_json.replace("/", "\\/"))
    yield from (quote(secret), quote(secret, safe=""), quote_plus(secret))


def _without(value: Json, words: list[str]) -> Json:
    if isinstance(value, str):
        return _text_without(value, words)
    if isinstance(value, list):
        return [_without(item, words) for item in value]
    if isinstance(value, dict):
        return {_text_without(name, words): _without(member, words) for name, member in value.items()}
    return value


def _text_without(text: str, words: list[str]) -> str:
    for word in words:
        text = text.replace(word, REDACTED)
    return text


def _bytes_without(raw: bytes, words: list[str]) -> bytes:
    for word in words:
        raw = raw.replace(word.encode(), REDACTED.encode())
    return raw
