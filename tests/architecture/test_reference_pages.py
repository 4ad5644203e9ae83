"""The reference pages say what the services do: settings, routes, classification and life cycles are derived."""

from pathlib import Path

import pytest
from pydantic import create_model

from deploy.reference.__main__ import ROOT, main, stale
from deploy.reference.glossary import PARTS_NOT_YET, unexplained
from deploy.reference.http_api_page import named_schema, routes_of, shapes_of
from libs.contracts.codec import JsonObject
from libs.contracts.topics import SERVICES
from services.engine.domain.checks import checked
from services.engine.domain.spec import WorkflowSpec, parse


def test_the_pages_are_as_the_services_say() -> None:
    assert list(stale(ROOT)) == [], "run make docs"


def test_a_stale_page_is_noticed_and_written_again(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    assert main([], tmp_path) == 0
    settings = tmp_path / "docs/reference/settings.md"
    settings.write_text(settings.read_text() + "and more\n")

    assert main(["--check"], tmp_path) == 1
    assert "docs/reference/settings.md: expected" in capsys.readouterr().out
    assert main([], tmp_path) == 0
    assert main(["--check"], tmp_path) == 0


@pytest.mark.parametrize("service", SERVICES)
def test_every_operation_of_a_service_is_on_the_page(service: str) -> None:
    page = (ROOT / "docs/reference/http-api.md").read_text()

    missing = [route.path for route in routes_of(service) if f"`{route.method} {route.path}`" not in page]

    assert missing == []


@pytest.mark.parametrize("service", SERVICES)
def test_every_field_on_the_wire_has_a_sentence(service: str) -> None:
    routes = routes_of(service)
    taken = [named_schema(model) for route in routes for model in (route.query, route.body) if model is not None]

    missing = [field for name, schema in (*taken, *shapes_of(routes).items()) for field in unexplained(name, schema)]

    assert missing == [], "give the field a description, or say it once in deploy/reference/glossary.py"


def test_a_field_without_a_sentence_is_noticed() -> None:
    schema = named_schema(create_model("Toy", colour=(str, "red"), run_id=(str, "")))

    assert unexplained(*schema) == ["Toy.colour"]


STEPS: dict[str, JsonObject] = {
    "each": {"action": "a", "each": {"items": [1]}},
    "retry": {"action": "a", "retry": [{"max_retries": 1}]},
    "catch": {"action": "a", "catch": [{"error_equals": ["all"], "next": "one"}]},
    "join": {"join": {}},
    "sleep": {"sleep": {"duration": "1s"}},
    "wait_signal": {"wait_signal": {"topic": "t", "timeout": "1s"}},
    "pause": {"pause": {}},
    "interaction": {"interaction": {"type": "input", "message": "?", "target": {}, "timeout": "1s"}},
}


@pytest.mark.parametrize("part", PARTS_NOT_YET)
def test_what_the_pages_call_not_yet_is_refused(part: str) -> None:
    spec = parse({"name": "w", "steps": [{"name": "one", **STEPS[part]}]})
    assert isinstance(spec, WorkflowSpec)

    refused = [problem.field for problem in checked(spec)]

    assert refused == [f"spec.steps[0].{part}"], "README.md, docs/concepts and the glossary still call it not yet"
