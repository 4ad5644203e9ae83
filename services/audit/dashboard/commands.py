"""What pages ask of the public API, with the visitor's key; what it refuses comes back as a form shows it."""

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

from libs.chassis.decider import Kind, Rejected
from libs.chassis.http.neighbour import Reply
from libs.contracts.codec import InvalidJson, Json, JsonObject, parse_own_json
from services.audit.dashboard.visit import Sources, Visit

KINDS: Final[Mapping[int, Kind]] = {
    401: "unauthorized",
    403: "unauthorized",
    404: "not_found",
    409: "invalid_state",
    412: "invalid_state",
    429: "exhausted",
    503: "exhausted",
}
"""The kind of a refusal by its status; any other below 500 is about what was sent."""

ONCE: Final = "once"
"""The field by which a form that is sent twice is carried out once."""
TAG: Final = "tag"
"""The field that says which state of a thing the form was filled with."""

_BEST: Final = 300
_BROKEN: Final = 500


@dataclass(frozen=True, slots=True)
class Known:
    """What the API shows of one thing, and the tag of its state, to be sent back in `If-Match`."""

    value: JsonObject
    tag: str | None


def new_once(visit: Visit) -> str:
    """The field `ONCE` of a form: kept when the form comes back, because nothing was done then."""
    return (visit.form or {}).get(ONCE) or secrets.token_urlsafe(16)


def once(form: Mapping[str, str]) -> Mapping[str, str]:
    """The header by which the API carries it out once."""
    return {"Idempotency-Key": form[ONCE]} if form.get(ONCE) else {}


async def give(
    visit: Visit,
    sources: Sources,
    method: str,
    path: str,
    content: Json | None = None,
    headers: Mapping[str, str] | None = None,
) -> Json | Rejected:
    """What the API answers, None where it answers nothing; else why it refuses. `path` is encoded, with its query.
    Raises `Unavailable` where nobody answers in time."""
    reply = await sources.api.ask(visit.call, method, path, visit.session.authorization, content, headers)
    if reply.status >= _BEST:
        return refusal_of(reply)
    return parse_own_json(reply.body) if reply.body else None


async def look(visit: Visit, sources: Sources, path: str) -> Known | Rejected:
    """One thing as the API shows it now. Raises `Unavailable` where nobody answers in time."""
    reply = await sources.api.ask(visit.call, "GET", path, visit.session.authorization)
    if reply.status >= _BEST:
        return refusal_of(reply)
    value = parse_own_json(reply.body)
    assert isinstance(value, dict), f"expected an object at {path}, but got something else"
    return Known(value, reply.tag)


def refusal_of(reply: Reply) -> Rejected:
    """The API's refusal, as if it had been decided here: with its code, its field and its details."""
    error = _error(reply.body)
    message, code = error.get("message"), error.get("code")
    if (reply.status >= _BROKEN and reply.status not in KINDS) or not isinstance(message, str):
        sentence = f"expected the API to carry this out, but it answered {reply.status}; look before you try again"
        return Rejected("invalid_state", sentence, code="internal")
    details = error.get("details")
    told = dict(details) if isinstance(details, dict) else {}
    field = told.pop("field", None)
    kind = KINDS.get(reply.status, "invalid_argument")
    return Rejected(kind, message, field if isinstance(field, str) else None, str(code), told or None)


def _error(body: bytes) -> Mapping[str, Json]:
    """What stands in the envelope; nothing where it is none, because somebody in between answered."""
    try:
        document = parse_own_json(body)
    except InvalidJson:
        return {}
    error = document.get("error") if isinstance(document, dict) else None
    return error if isinstance(error, dict) else {}
