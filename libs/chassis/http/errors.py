"""Refusals on the wire: one table of statuses, one envelope."""

from collections.abc import Mapping
from typing import Final

from libs.chassis.db.errors import OutcomeUnknown, Overloaded
from libs.chassis.decider import Kind, Rejected
from libs.contracts.codec import Json, dump_json

STATUS_BY_KIND: Final[Mapping[Kind, int]] = {
    "not_found": 404,
    "invalid_argument": 400,
    "invalid_state": 409,
    "already_exists": 409,
    "unauthorized": 401,
    "exhausted": 429,
}
STATUS_BY_CODE: Final[Mapping[str, int]] = {
    "forbidden": 403,
    "method_not_allowed": 405,
    "request_timeout": 408,
    "precondition_failed": 412,
    "payload_too_large": 413,
    "idempotency_key_reused": 422,
    "internal": 500,
    "unavailable": 503,
}

NOT_FOUND: Final = Rejected("not_found", "expected something that this key can see, but there is nothing here")
"""Unknown ids, foreign ids, foreign projects: all answer this, and nothing tells them apart."""

UNKNOWN_PATH: Final = Rejected(
    "not_found", "expected a path of this API, but there is none like this", code="not_found"
)
UNAUTHORIZED: Final = Rejected("unauthorized", "expected a valid API key as a bearer token, but there is none")
STARTING: Final = Rejected(
    "exhausted", "expected a service that has started, but it is still starting", code="unavailable"
)
BUSY: Final = Rejected("exhausted", "expected a free place, but too many requests are at work", code="unavailable")
HEAVY: Final = Rejected(
    "exhausted", "expected room for the body, but those at work are too large together", code="unavailable"
)
DOWN: Final = Rejected("exhausted", "expected to reach what this needs, but it is away; try again", code="unavailable")
UNCLEAR: Final = Rejected(
    "exhausted",
    "expected to learn what became of this, but the connection behind broke: it may have been done, so look first",
    code="unavailable",
    details={"outcome": "unknown"},
)
SLOW_BODY: Final = Rejected(
    "exhausted", "expected the whole body in time, but it came too slowly", code="request_timeout"
)

RETRY_AFTER_SECONDS = "1"


def away(error: Exception) -> Rejected:
    """What is said where a dependency is away or has too much to do."""
    if isinstance(error, Overloaded):
        return Rejected("exhausted", str(error), code="unavailable")
    return UNCLEAR if isinstance(error, OutcomeUnknown) else DOWN


def status_of(rejected: Rejected) -> int:
    """The status of a refusal: by its code where that has one of its own, else by its kind."""
    return STATUS_BY_CODE.get(rejected.code or "") or STATUS_BY_KIND[rejected.kind]


def envelope(rejected: Rejected) -> bytes:
    """The body of a refusal."""
    return dump_json({"error": error_of(rejected)})


def error_of(rejected: Rejected) -> dict[str, Json]:
    """What a refusal says. A plain `not_found` says the same whatever its sentence: it must not tell what exists."""
    if rejected.kind == "not_found" and rejected.code is None and rejected.field is None:
        rejected = NOT_FOUND
    error: dict[str, Json] = {"code": rejected.code or rejected.kind, "message": rejected.sentence}
    details: dict[str, Json] = {"field": rejected.field} if rejected.field is not None else {}
    details.update(rejected.details or {})
    if details:
        error["details"] = details
    return error


def headers_of(rejected: Rejected, status: int) -> dict[str, str]:
    """The headers that a refusal's status demands."""
    match status:
        case 401:
            return {"WWW-Authenticate": "Bearer"}
        case 405:
            return {"Allow": str((rejected.details or {}).get("allow", ""))}
        case 429 | 503:
            return {"Retry-After": str((rejected.details or {}).get("retry_after_seconds", RETRY_AFTER_SECONDS))}
        case _:
            return {}


def forbidden(sentence: str) -> Rejected:
    """A valid key that may not do this."""
    return Rejected("unauthorized", sentence, code="forbidden")


def method_not_allowed(method: str, allowed: str) -> Rejected:
    """A known path, but not with this method; `allowed` as in the Allow header."""
    sentence = f"expected {allowed}, but the method is {method[:16]}"
    return Rejected("invalid_argument", sentence, code="method_not_allowed", details={"allow": allowed})


def internal(request_id: str) -> Rejected:
    """Something broke here; the log has the rest under the request's id."""
    sentence = "expected to answer, but something broke here"
    return Rejected("invalid_state", sentence, code="internal", details={"request_id": request_id})


def bad_request(sentence: str, field: str | None = None) -> Rejected:
    """Input that is wrong as a whole, or in one field."""
    return Rejected("invalid_argument", sentence, field=field)
