"""The errors that an operation may answer, and the one envelope that they come in."""

from collections.abc import Iterator, Mapping
from typing import Final

from libs.chassis.http import AnyRoute, Role
from libs.chassis.http.errors import STATUS_BY_CODE, STATUS_BY_KIND
from libs.chassis.http.route import RequestHeader
from libs.contracts.codec import JsonObject

ENVELOPE: Final[JsonObject] = {
    "type": "object",
    "title": "Error",
    "description": "Every refusal.",
    "properties": {
        "error": {
            "type": "object",
            "description": "What was refused, and why.",
            "properties": {
                "code": {"type": "string", "description": "For programs: one of the listed ones, or a more exact one."},
                "message": {"type": "string", "description": "For people: expected this, but that."},
                "details": {
                    "type": "object",
                    "description": "`field` is the path of what is wrong; other members depend on the code.",
                    "properties": {"field": {"type": "string", "description": "For example `spec.steps[0].action`."}},
                },
            },
            "required": ["code", "message"],
        }
    },
    "required": ["error"],
}

OTHER: Final = "Refused"
_CONTENT: Final[JsonObject] = {"application/json": {"schema": {"$ref": "#/components/schemas/Error"}}}
_REASONS: Final = {
    400: ("BadRequest", "Input that is wrong as a whole or in one field."),
    401: ("Unauthorized", "No valid API key."),
    403: ("Forbidden", "The key's role is too small, or the key is bound to a project where none may be."),
    404: ("NotFound", "Nothing here that this key can see."),
    408: ("RequestTimeout", "The body came too slowly."),
    409: ("Conflict", "At odds with how things stand."),
    412: ("PreconditionFailed", "It has changed since it was read."),
    422: ("UnprocessableContent", "The Idempotency-Key was sent with another request before."),
    413: ("ContentTooLarge", "The body is too large."),
    428: ("PreconditionRequired", "A precondition is asked for."),
    429: ("TooManyRequests", "Too much at once; try again later."),
    500: ("InternalError", "Something broke here; the log has the rest under the request's id."),
    503: ("Unavailable", "Starting, full, or something behind is away; try again."),
}
_ALWAYS: Final = (400, 500, 503)
_BY_HEADER: Final[Mapping[RequestHeader, int]] = {"If-Match": 412, "Idempotency-Key": 422}
_WRITES: Final = (409, 429)
_BODIES: Final = (408, 413)


def refusals() -> dict[str, JsonObject]:
    """The responses that operations refer to, by name. `Refused` is any other, the gateway's own included."""
    named = {name_of(status): _response(status) for status in sorted(_REASONS)}
    return {**named, OTHER: {"description": "Any other refusal.", "content": _CONTENT}}


def of(route: AnyRoute) -> Iterator[int]:
    """The statuses of the refusals that a route may answer, its own aside."""
    yield from _ALWAYS
    if route.role is not None:
        yield 401
        if route.role > Role.VIEWER or "{project}" not in route.path:
            yield 403
    if "{" in route.path:
        yield 404
    if route.method != "GET":
        yield from _WRITES
    if route.body is not None:
        yield from _BODIES
    for header in route.request_headers:
        yield _BY_HEADER[header]


def name_of(status: int) -> str:
    """`NotFound` for 404."""
    return _REASONS[status][0]


def codes() -> list[str]:
    """Every code that a status alone may stand for."""
    return sorted({*STATUS_BY_KIND, *STATUS_BY_CODE})


def _response(status: int) -> JsonObject:
    response: JsonObject = {"description": _REASONS[status][1], "content": _CONTENT}
    if status in (429, 503):
        seconds: JsonObject = {"description": "Seconds to wait before the next try.", "schema": {"type": "string"}}
        response["headers"] = {"Retry-After": seconds}
    return response
