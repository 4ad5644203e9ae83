"""The OpenAPI document: valid, whole, and never less than what was released."""

from pathlib import Path
from typing import Any, cast

import pytest
from openapi_spec_validator import validate
from pydantic import BaseModel

from deploy.reference.__main__ import OPENAPI, RELEASED, ROOT, broken, main
from deploy.reference.http_api_page import routes_of
from deploy.reference.openapi.document import document
from deploy.reference.openapi.shapes import components
from libs.chassis.http import AnyRoute, Role, Route
from libs.contracts.codec import parse_own_json
from libs.contracts.documents import published
from libs.contracts.topics import SERVICES

DOCUMENT = cast("dict[str, Any]", parse_own_json(published("openapi.json")))
ROUTES = [(service, route) for service in SERVICES for route in routes_of(service)]


def test_it_is_a_valid_document() -> None:
    validate(DOCUMENT)


def test_it_takes_nothing_away_from_the_released_one() -> None:
    assert broken(ROOT) == [], f"{RELEASED} is what clients were built with"


@pytest.mark.parametrize(("service", "route"), ROUTES, ids=lambda value: getattr(value, "operation_id", ""))
def test_every_route_is_in_it_with_its_role(service: str, route: AnyRoute) -> None:
    operation = DOCUMENT["paths"][route.path][route.method.lower()]

    assert operation["operationId"] == route.operation_id
    assert operation["x-mobius-service"] == service
    assert operation["x-mobius-role"] == (route.role.name.lower() if route.role else "none")
    assert {str(status) for status in route.responses} <= set(operation["responses"])
    assert ("requestBody" in operation) is (route.body is not None)


def test_every_answer_with_a_body_says_its_shape() -> None:
    bare = [
        route.operation_id
        for _, route in ROUTES
        for status, model in route.responses.items()
        if not (model or status == 204)
    ]

    assert bare == [], "name the model of the answer in the route"


def test_operation_ids_are_unique() -> None:
    names = [route.operation_id for _, route in ROUTES]
    assert len(set(names)) == len(names)


def test_every_reference_leads_somewhere() -> None:
    found = list(_references(DOCUMENT))
    assert len(found) > len(ROUTES)
    assert [reference for reference in found if not _is_there(reference)] == []


class Toy(BaseModel):
    """A toy."""

    colour: str | None = None


async def _nobody(_call: object) -> Any: ...


def toy_route(answer: type[BaseModel]) -> AnyRoute:
    return Route(
        method="GET",
        path="/v1/toys",
        operation_id="getToy",
        summary="A toy.",
        handler=_nobody,
        role=Role.VIEWER,
        responses={200: answer},
    )


def test_an_absent_field_of_an_answer_is_never_null() -> None:
    shapes = components([toy_route(Toy)])
    assert cast("Any", shapes["Toy"])["properties"] == {"colour": {"type": "string"}}


def test_null_is_no_default_of_a_body() -> None:
    class Wish(BaseModel):
        colour: str | None = None
        size: int = 1

    route: AnyRoute = Route(
        method="POST", path="/v1/toys", operation_id="o", summary="s", handler=_nobody, role=None, body=Wish
    )
    fields = cast("Any", components([route])["Wish"])["properties"]
    assert "default" not in fields["colour"]
    assert fields["size"]["default"] == 1


def test_two_shapes_of_one_name_are_refused() -> None:
    other = type("Toy", (BaseModel,), {"__annotations__": {"size": int}, "__module__": "elsewhere"})
    with pytest.raises(ValueError, match="two are called"):
        components([toy_route(Toy), toy_route(other)])


def test_a_break_fails_the_command_and_a_release_makes_peace(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    assert main(["--release"], tmp_path) == 0
    released = tmp_path / RELEASED
    released.write_text(
        released.read_text().replace('/v1/projects/{project}/actions"', '/v1/projects/{project}/deeds"')
    )
    capsys.readouterr()

    assert main(["--check"], tmp_path) == 1
    said = capsys.readouterr().out
    assert f"{OPENAPI}: GET /v1/projects/{{project}}/deeds: expected the operation to stay, but it is gone" in said
    assert main(["--release"], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0


def test_documents_hold_every_service() -> None:
    assert document({service: routes_of(service) for service in SERVICES}) == DOCUMENT


def _references(node: Any) -> Any:
    if isinstance(node, dict):
        yield from ([node["$ref"]] if isinstance(node.get("$ref"), str) else [])
        for value in node.values():
            yield from _references(value)
    if isinstance(node, list):
        for value in node:
            yield from _references(value)


def _is_there(reference: str) -> bool:
    node: Any = DOCUMENT
    for part in reference.removeprefix("#/").split("/"):
        if part not in node:
            return False
        node = node[part]
    return True
