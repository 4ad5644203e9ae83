"""Turns bytes and query strings into models, and a validator's errors into sentences with paths."""

import re
from collections.abc import Mapping, Sequence
from typing import TYPE_CHECKING, TypeVar

from pydantic import BaseModel, ValidationError

from libs.chassis.decider import Rejected
from libs.chassis.http.errors import bad_request
from libs.chassis.http.fields import field_path, steps_into
from libs.chassis.http.pairs import read_pairs
from libs.contracts.codec import InvalidJson, Json, parse_json

if TYPE_CHECKING:
    from pydantic_core import ErrorDetails

Model = TypeVar("Model", bound=BaseModel)

MOST_ERRORS = 20
"""How many wrong fields one answer lists."""

_MOST_PARAMETERS = 100
_SHOULD = re.compile(r"^(?P<what>[A-Z][a-z]*)(?: \w+)? should (?P<must>.*)$")
_JSON_TYPES = {
    type(None): "null",
    bool: "a boolean",
    int: "an integer",
    float: "a number",
    list: "a list",
    dict: "an object",
}
_SHORT = 40


def check_content_type(content_type: str | None) -> Rejected | None:
    """JSON, or nothing said."""
    if content_type is None or content_type == "application/json":
        return None
    media = content_type.partition(";")[0].strip().lower()
    if media == "application/json" or (media.startswith("application/") and media.endswith("+json")):
        return None
    return bad_request(f"expected Content-Type to be application/json, but it is {media[:64]}", "header.Content-Type")


def decode_body(model: type[Model], raw: bytes) -> Model | Rejected:
    """The body as its model. All wrong fields are named at once."""
    try:
        document = parse_json(raw)
    except InvalidJson as error:
        return bad_request(f"expected a body of JSON, but {error}")
    try:
        return model.model_validate_json(raw)
    except ValidationError as error:
        return invalid(error.errors(include_url=False), document)


def decode_query(model: type[Model] | None, raw_path: str) -> Model | None | Rejected:
    """The query as its model; without a model there may be none."""
    query = raw_path.partition("?")[2].partition("#")[0]
    if model is None and not query:
        return None
    pairs = read_pairs(query, "query", _MOST_PARAMETERS)
    if isinstance(pairs, Rejected):
        return pairs
    if model is None:
        return _unknown(pairs[0][0]) if pairs else None
    values = _collect(model, pairs)
    if isinstance(values, Rejected):
        return values
    try:
        return model.model_validate(values)
    except ValidationError as error:
        return invalid(error.errors(include_url=False), dict(values))


def invalid(errors: Sequence["ErrorDetails"], document: Json) -> Rejected:
    """The refusal that lists each wrong field, the first one in the message."""
    listed: list[dict[str, Json]] = []
    for error in errors[:MOST_ERRORS]:
        absent = error["type"] == "missing"
        field = field_path(steps_into(document, error["loc"], absent_last=absent))
        listed.append({"field": field, "message": _sentence(error, field or "the body")})
    more = f" (and {len(errors) - 1} more)" if len(errors) > 1 else ""
    first = listed[0]
    details: dict[str, Json] = {"errors": [*listed]}
    return Rejected("invalid_argument", f"{first['message']}{more}", str(first["field"]), details=details)


def _collect(model: type[BaseModel], pairs: Sequence[tuple[str, str]]) -> Mapping[str, Json] | Rejected:
    lists = {name for name, field in model.model_fields.items() if "list[" in str(field.annotation)}
    values: dict[str, Json] = {}
    for name, value in pairs:
        if name not in model.model_fields:
            return _unknown(name)
        if name in lists:
            several = values.setdefault(name, [])
            assert isinstance(several, list)
            several.append(value)
        elif name in values:
            return bad_request(f"expected {name} once in the query, but it is there again", name)
        else:
            values[name] = value
    return values


def _unknown(name: str) -> Rejected:
    return bad_request(f"expected only known query parameters, but {name[:64]!r} is unknown", name[:64])


def _sentence(error: "ErrorDetails", field: str) -> str:
    kind, message = error["type"], error["msg"]
    if kind == "missing":
        return f"expected {field}, but it is missing"
    if kind == "extra_forbidden":
        return f"expected only known fields, but {field} is unknown"
    if kind in ("value_error", "assertion_error"):  # our own validators speak in whole sentences
        return message.partition(", ")[2]
    should = _SHOULD.match(message)
    if should is None:
        return f"expected {field} to be valid, but {message[:1].lower()}{message[1:]}"
    return f"expected {field} to {should['must']}, but got {_shown(error.get('input'), kind)}"


def _shown(value: object, kind: str) -> str:
    """What was got, without repeating text that may be secret or long."""
    if isinstance(value, str):
        if kind in ("literal_error", "enum") and len(value) <= _SHORT:
            return repr(value)
        return f"text of {len(value)} characters" if "type" not in kind else "text"
    if isinstance(value, bool | int | float) and len(repr(value)) <= _SHORT:
        return repr(value).lower() if isinstance(value, bool) else repr(value)
    return _JSON_TYPES.get(type(value), "something else")
