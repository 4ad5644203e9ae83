"""docs/reference/http-api.md: every path of every service, from the routes that answer them."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from http import HTTPStatus
from importlib import import_module
from inspect import signature
from types import UnionType
from typing import Any, cast, get_args

from prometheus_client import CollectorRegistry
from pydantic import BaseModel, RootModel

from deploy.reference.glossary import NOT_YET, SHAPES_NOT_YET, explained
from deploy.reference.markdown import code, page, table
from libs.chassis.http import AnyRoute, Role
from libs.chassis.http.errors import STATUS_BY_CODE, STATUS_BY_KIND
from libs.chassis.http.health import health_routes
from libs.contracts.codec import JsonObject
from libs.contracts.publication.field_tables import field_table, one_line
from libs.contracts.topics import SERVICES
from services.engine.domain.spec import WorkflowSpec

_INTRODUCTION = """\
All paths below `/v1` take `Authorization: Bearer <API key>` and speak JSON. A body or a query with a field that is not
listed here is refused. Moments are RFC 3339 in UTC. What exists in another project answers 404, like what does not.

**Roles.** Each may do what the ones before it may: `viewer`, `worker`, `author`, `admin`.

**Lists** answer `items`, `has_more` and, when there is more, `next_cursor`; hand that in as `cursor`.

**Tags.** What shows an action has an `ETag`. `If-Match` on its PATCH or DELETE: only while it has that tag, else 412.

**Repeating.** createAction, rotateActionSecret, createProject and createApiKey take an `Idempotency-Key`: the same
request again has its first answer again, with `Idempotency-Replayed: true`.
"""
_ERROR = """\
{"error": {"code": "invalid_argument", "message": "expected …, but …", "details": {"field": "spec.steps[0].action"}}}
"""


class _Unasked:
    """Stands where a service's handlers would: the table of contents is read, nothing is called."""

    def __getattr__(self, _name: str) -> "_Unasked":
        return self


def http_api_page() -> str:
    """Errors, a table of contents, every operation with what goes in and comes out, then the shapes they share."""
    services = {service: routes_of(service) for service in SERVICES}
    everywhere = health_routes(lambda: (), CollectorRegistry(), metrics_public=False)
    lines = [*_INTRODUCTION.splitlines(), "", *_errors(), "## Contents", ""]
    lines += table(("path", "operation", "role", "answered by"), _contents(services, everywhere))
    for service, routes in services.items():
        lines += [f"## {service}", "", *(line for route in routes for line in _operation(route))]
    lines += ["## Shapes", "", *_shapes(route for routes in services.values() for route in routes)]
    return page("HTTP API", "the routes of libs/chassis/http/health.py and services/*/api/routes.py", lines)


def routes_of(service: str) -> Sequence[AnyRoute]:
    """What a service answers below `/v1`, in the order of its table of contents."""
    routes: Any = import_module(f"services.{service}.api.routes").routes
    found: Sequence[AnyRoute] = routes(*(_Unasked() for _ in signature(routes).parameters))
    return found


def _errors() -> list[str]:
    lines = ["## Errors", "", "A refusal has one envelope. `details.field` is the path of what is wrong:", ""]
    lines += [
        *code("json", _ERROR),
        "`code` is one of these, or says more exactly what is wrong under the same status.",
    ]
    statuses = [*STATUS_BY_KIND.items(), *STATUS_BY_CODE.items()]
    rows = sorted((str(status), f"`{name}`") for name, status in statuses)
    return [*lines, "", *table(("status", "code"), rows)]


def _contents(services: Mapping[Any, Sequence[AnyRoute]], everywhere: Sequence[AnyRoute]) -> Iterator[tuple[str, ...]]:
    for service, routes in services.items():
        for route in routes:
            link = f"[{route.operation_id}](#{route.operation_id.lower()})"
            yield f"`{route.method} {route.path}`", link, _role(route.role), service
    for route in everywhere:
        yield f"`{route.method} {route.path}`", route.summary, _role(route.role), "every service"


def _operation(route: AnyRoute) -> Iterator[str]:
    limit = f" Bodies up to {route.max_body_bytes:,} bytes." if route.max_body_bytes else ""
    yield from (f"### {route.operation_id}", "")
    yield from (f"`{route.method} {route.path}` · {_role(route.role)}", "")
    yield from (f"{route.summary}{limit}", "")
    if route.query is not None:
        yield from ("Query:", "", *_fields(*named_schema(route.query)))
    if route.body is not None:
        told = "Body, which may be left out:" if route.body_optional else "Body:"
        yield from (told, "", *_fields(*named_schema(route.body)))
    for status in route.responses:
        yield from (f"**{status} {HTTPStatus(status).phrase}**: {_in_short(route, status)}", "")


def _in_short(route: AnyRoute, status: int) -> str:
    model = route.responses[status]
    if status == HTTPStatus.NO_CONTENT:
        return "no body"
    if model is None:
        return "JSON"
    root: Any = model.model_fields["root"].annotation if issubclass(model, RootModel) else None
    either = get_args(root) if isinstance(root, UnionType) else (model,)
    links = " or ".join(f"[{one.__name__}](#{one.__name__.lower()})" for one in either)
    return f"server-sent events, `text/event-stream`, each a {links}" if route.streams else links


def _shapes(routes: Iterable[AnyRoute]) -> Iterator[str]:
    for name, schema in sorted(shapes_of(routes).items()):
        told = NOT_YET if name in SHAPES_NOT_YET else one_line(schema.get("description", ""))
        yield from (f"### {name}", "", *([told, ""] if told else []), *_fields(name, schema))


def shapes_of(routes: Iterable[AnyRoute]) -> Mapping[str, JsonObject]:
    """Everything that answers are made of, and what bodies have inside, each once and by name."""
    found = _with_parts("WorkflowSpec", WorkflowSpec.model_json_schema())
    for route in routes:
        for model in filter(None, (route.query, route.body)):
            found |= _with_parts(*named_schema(model))
            found.pop(model.__name__)
        for answer in filter(None, route.responses.values()):
            found |= _with_parts(answer.__name__, answer.model_json_schema(mode="serialization"))
    return {name: schema for name, schema in found.items() if "properties" in schema or _item(schema)}


def _with_parts(name: str, schema: JsonObject) -> dict[str, JsonObject]:
    return {name: schema, **cast("dict[str, JsonObject]", schema.get("$defs", {}))}


def named_schema(model: type[BaseModel]) -> tuple[str, JsonObject]:
    """A model's name, and what it takes as a JSON Schema."""
    return model.__name__, model.model_json_schema()


def _item(schema: JsonObject) -> str:
    """The name of the shape that a list is made of; empty for what is no such list."""
    return str(cast(JsonObject, schema.get("items", {})).get("$ref", "")).rpartition("/")[2]


def _fields(name: str, schema: JsonObject) -> list[str]:
    if item := _item(schema):
        return [f"A list of [{item}](#{item.lower()}).", ""]
    return field_table(explained(name, schema), with_bounds=True)


def _role(role: Role | None) -> str:
    return "no key" if role is None else role.name.lower()
