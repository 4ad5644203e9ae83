"""One route as one operation."""

import re
from collections.abc import Iterator, Mapping
from typing import Final

from pydantic import BaseModel

from deploy.reference.glossary import FIELDS
from deploy.reference.openapi import refusals
from deploy.reference.openapi.shapes import query_fields, reference
from libs.chassis.http import AnyRoute
from libs.chassis.http.route import RequestHeader, ResponseHeader
from libs.contracts.codec import Json, JsonObject

_NAMES: Final = re.compile(r"\{(\w+)\}")
_HEADERS: Final[Mapping[RequestHeader, str]] = {
    "If-Match": "The `ETag` of the state that the change is meant for; another state is answered with 412.",
    "Idempotency-Key": "Names this request: sent again with the same key it is done once, and answered the same.",
}
_ANSWERED: Final[Mapping[ResponseHeader, str]] = {
    "ETag": "The tag of this state, for `If-Match`.",
    "X-Next-Cursor": "Where the next page begins, for `cursor`; absent: this is the last one.",
    "Idempotency-Replayed": "`true` where the request was sent before with this `Idempotency-Key`; else absent.",
}
_ALWAYS_THERE: Final[frozenset[ResponseHeader]] = frozenset({"ETag"})
_FIRST_ERROR: Final = 400


def operation(route: AnyRoute) -> JsonObject:
    """The operation object, with the role that it needs as `x-mobius-role`."""
    found: JsonObject = {
        "operationId": route.operation_id,
        "summary": route.summary,
        "tags": [tag_of(route.path)],
        "x-mobius-role": "none" if route.role is None else route.role.name.lower(),
    }
    parameters: list[Json] = [*_path_parameters(route), *_query_parameters(route), *_header_parameters(route)]
    if parameters:
        found["parameters"] = parameters
    if route.body is not None:
        found["requestBody"] = _body(route)
    found["responses"] = _responses(route)
    if route.role is None:
        found["security"] = []
    return found


def tag_of(path: str) -> str:
    """The first noun of a path: below a project, the first one below it."""
    nouns = [part for part in path.split("/")[2:] if not part.startswith("{")]
    return nouns[1] if nouns[0] == "projects" and path.startswith("/v1/projects/{project}/") else nouns[0]


def _path_parameters(route: AnyRoute) -> Iterator[JsonObject]:
    for name in _NAMES.findall(route.path):
        described: JsonObject = {"description": FIELDS[name]} if name in FIELDS else {}
        schema: JsonObject = {"type": "string", "minLength": 1}
        yield {"name": name, "in": "path", "required": True, **described, "schema": schema}


def _query_parameters(route: AnyRoute) -> Iterator[JsonObject]:
    if route.query is None:
        return
    fields, required = query_fields(route.query)
    for name, field in fields.items():
        assert isinstance(field, dict)
        described: JsonObject = {"description": field["description"]} if "description" in field else {}
        schema: JsonObject = {key: value for key, value in field.items() if key != "description"}
        must: JsonObject = {"required": True} if name in required else {}
        yield {"name": name, "in": "query", **must, **described, "schema": schema}


def _header_parameters(route: AnyRoute) -> Iterator[JsonObject]:
    for name in route.request_headers:
        yield {"name": name, "in": "header", "description": _HEADERS[name], "schema": {"type": "string"}}


def _body(route: AnyRoute) -> JsonObject:
    assert route.body is not None
    limit: JsonObject = {"x-mobius-max-bytes": route.max_body_bytes} if route.max_body_bytes else {}
    content: JsonObject = {"application/json": {"schema": reference(route.body)}}
    return {"required": not route.body_optional, **limit, "content": content}


def _responses(route: AnyRoute) -> JsonObject:
    told: dict[int, Json] = {status: _response(route, status) for status in route.responses}
    refused: dict[int, Json] = {
        status: {"$ref": f"#/components/responses/{refusals.name_of(status)}"} for status in refusals.of(route)
    }
    both = {**refused, **told}
    other: JsonObject = {"default": {"$ref": f"#/components/responses/{refusals.OTHER}"}}
    return {**{str(status): both[status] for status in sorted(both)}, **other}


def _event(model: type[BaseModel]) -> JsonObject:
    """One event of a stream, as readers of such streams are handed it."""
    data: JsonObject = {"type": "string", "contentMediaType": "application/json", "contentSchema": reference(model)}
    return {
        "type": "object",
        "description": "Each event of the stream.",
        "properties": {"id": {"type": "string"}, "event": {"type": "string"}, "data": data},
        "required": ["data"],
    }


def _response(route: AnyRoute, status: int) -> JsonObject:
    model = route.responses[status]
    if model is None:
        if status >= _FIRST_ERROR:
            return {"$ref": f"#/components/responses/{refusals.name_of(status)}"}
        return {"description": "Done; no body."}
    described = " ".join((model.__doc__ or model.__name__).split())
    if route.streams:
        events = f"Server-sent events; `data` of each is a {model.__name__}."
        return {"description": events, "content": {"text/event-stream": {"schema": _event(model)}}}
    content: JsonObject = {"application/json": {"schema": reference(model)}}
    return {"description": described, **_headers(route, status), "content": content}


def _headers(route: AnyRoute, status: int) -> JsonObject:
    if not route.response_headers or status >= _FIRST_ERROR:
        return {}
    return {"headers": {name: _header(name) for name in route.response_headers}}


def _header(name: ResponseHeader) -> JsonObject:
    must: JsonObject = {"required": True} if name in _ALWAYS_THERE else {}
    return {"description": _ANSWERED[name], **must, "schema": {"type": "string"}}
