"""The whole document."""

from collections.abc import Mapping, Sequence
from typing import Final, cast

from deploy.reference.openapi.operations import operation, tag_of
from deploy.reference.openapi.refusals import ENVELOPE, codes, refusals
from deploy.reference.openapi.shapes import components
from libs.chassis.http import AnyRoute
from libs.chassis.service import VERSION
from libs.contracts.codec import Json, JsonObject

_ABOUT: Final = """\
Mobius runs actions: HTTP endpoints of yours and integrations, as steps of workflows.

Bodies and queries with a field that is not listed are refused. Moments are RFC 3339 in UTC. What exists in another \
project answers 404, like what does not. Lists answer `items`, `has_more` and, when there is more, `next_cursor`: hand \
that in as `cursor`. `x-mobius-role` is the least role that the key of an operation must have: `viewer`, `worker`, \
`author`, `admin`, each may do what the ones before it may. Ignore fields of answers that you do not know: new ones \
are added without notice.

Codes of errors: {codes}, or a more exact one under the same status.
"""
_TAGS: Final[Mapping[str, str]] = {
    "actions": "What workflows can call: a project's own actions, and those of the platform.",
    "workflows": "Definitions of workflows and their versions.",
    "runs": "Executions of workflows.",
    "jobs": "What workers do: claim, keep, report.",
    "worker-sessions": "The workers that have polled lately.",
    "action-audit-log": "Every invocation of an action.",
    "operations": "What an operator asks of one service: streams that stand still, records that were set aside.",
    "projects": "Projects.",
    "api-keys": "Keys: who may come in, in which role.",
    "integrations": "What connects a project with other platforms.",
}


def document(services: Mapping[str, Sequence[AnyRoute]]) -> JsonObject:
    """OpenAPI 3.1, from the routes by service."""
    routes = [route for answered in services.values() for route in answered]
    tags = dict.fromkeys(tag_of(route.path) for route in routes)
    return {
        "openapi": "3.1.0",
        "info": {
            "title": "Mobius",
            "version": VERSION,
            "description": _ABOUT.format(codes=", ".join(f"`{code}`" for code in codes())),
            "license": {"name": "Apache-2.0", "identifier": "Apache-2.0"},
        },
        "servers": [{"url": "/", "description": "The installation that answers this document."}],
        "security": [{"apiKey": []}],
        "tags": [{"name": tag, **({"description": _TAGS[tag]} if tag in _TAGS else {})} for tag in tags],
        "paths": _paths(services),
        "components": {
            "schemas": cast(JsonObject, {**components(routes), "Error": ENVELOPE}),
            "responses": cast(JsonObject, refusals()),
            "securitySchemes": {"apiKey": {"type": "http", "scheme": "bearer", "description": "`mbx_…`, an API key."}},
        },
    }


def _paths(services: Mapping[str, Sequence[AnyRoute]]) -> JsonObject:
    paths: dict[str, dict[str, Json]] = {}
    for service, routes in services.items():
        for route in routes:
            item = paths.setdefault(route.path, {})
            item[route.method.lower()] = {**operation(route), "x-mobius-service": service}
    return cast(JsonObject, paths)
