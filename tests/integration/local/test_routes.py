"""The one routing table: who answers which path."""

import pytest

from deploy.local.routes import Route, RoutingTable, load_routes

TABLE = RoutingTable(load_routes())


@pytest.mark.parametrize(
    ("path", "service"),
    [
        ("/v1/projects/p/workflows", "engine"),
        ("/v1/projects/p/workflows/wf_1/runs", "engine"),
        ("/v1/projects/p/runs", "engine"),
        ("/v1/projects/p/runs/events", "engine"),
        ("/v1/projects/p/runs/run_1/steps/a", "engine"),
        ("/v1/projects/p/runs/run_1/jobs", "dispatcher"),
        ("/v1/projects/p/jobs/claim", "dispatcher"),
        ("/v1/projects/p/jobs/job_1/actions/mobius.a", "dispatcher"),
        ("/v1/projects/p/worker-sessions", "dispatcher"),
        ("/v1/projects/p/action-audit-log", "audit"),
        ("/v1/operations/engine/parked-streams", "engine"),
        ("/v1/operations/dispatcher/parked-streams/park_1/resume", "dispatcher"),
        ("/v1/operations/audit/dead-letters", "audit"),
        ("/v1/projects/p/actions/catalog/mobius.a", "catalog"),
        ("/v1/projects/p/actions/catalog/dependents", "catalog"),
        ("/v1/projects/p/actions/dependents", "catalog"),
        ("/v1/projects/p/actions/a/dependents", "engine"),
        ("/v1/projects/p/actions/slack.post-message/dependents", "engine"),
        ("/v1/projects/p/actions/a%2Fb/secret/rotate", "catalog"),
        ("/v1/projects", "catalog"),
        ("/v1/projects/p/runsheets", "catalog"),
        ("/v1/projects/a/b/runs", "catalog"),
        ("/v1/nowhere", "catalog"),
        ("/openapi.json", "catalog"),
        ("/docs", "catalog"),
        ("/docs/start.js", "catalog"),
        ("/openapi.json/x", None),
        ("/metrics", None),
        ("/v2/projects", None),
    ],
)
def test_a_path_has_one_service(path: str, service: str | None) -> None:
    assert TABLE.service_for("GET", path) == service


def test_the_first_match_wins_and_methods_narrow_it() -> None:
    lines = [
        Route(path="/v1/{thing}", service="engine", methods=frozenset({"POST"})),
        Route(path="/v1/{thing}", service="audit"),
    ]
    table = RoutingTable(lines)
    assert [table.service_for(method, "/v1/x") for method in ("POST", "GET")] == ["engine", "audit"]


def test_dots_in_a_pattern_are_only_dots() -> None:
    table = RoutingTable([Route(path="/v1/a.b", service="engine")])
    assert table.service_for("GET", "/v1/a.b") == "engine"
    assert table.service_for("GET", "/v1/axb") is None
