"""What holds answers against a document finds what does not fit, and nothing else."""

from collections.abc import Mapping
from typing import Any

import pytest

from libs.contracts.codec import Json, dump_json
from tests.e2e.calls import Reply
from tests.e2e.operations.documented import Documented, Operation
from tests.e2e.operations.row import Asked, Row, asked, ids_of, unknown
from tests.wire_contract.verdict import counterpart, judge, lacking, table
from tests.wire_contract.walk import Exchange

JSON = {"Content-Type": "application/json; charset=utf-8"}
STREAM = {"Content-Type": "text/event-stream"}
TOY: Mapping[str, Any] = {
    "openapi": "3.0.3",
    "paths": {
        "/toys/{name}": {
            "get": {
                "operationId": "getToy",
                "tags": ["toys"],
                "responses": {
                    "200": {"content": {"application/json": {"schema": {"$ref": "#/components/schemas/Toy"}}}},
                    "204": {"description": "None."},
                    "404": {"$ref": "#/components/responses/Nothing"},
                },
            },
            "put": {
                "operationId": "putToy",
                "requestBody": {
                    "required": True,
                    "content": {"application/json": {"schema": {"$ref": "#/components/schemas/Toy"}}},
                },
                "responses": {"200": {"content": {"text/event-stream": {"schema": {"type": "string"}}}}},
            },
        },
    },
    "components": {
        "responses": {
            "Nothing": {"content": {"application/json": {"schema": {"type": "object", "required": ["error"]}}}}
        },
        "schemas": {
            "Toy": {
                "type": "object",
                "properties": {
                    "name": {"type": "string"},
                    "owner": {"type": "string", "nullable": True},
                    "parts": {"type": "array", "items": {"$ref": "#/components/schemas/Toy"}},
                },
                "required": ["name"],
            }
        },
    },
}
OPEN, CLOSED = Documented(TOY), Documented(TOY, closed=True)
GET, PUT = OPEN.operations()


def reply(status: int, content: Json | bytes, headers: Mapping[str, str] = JSON) -> Reply:
    return Reply(status, headers, content if isinstance(content, bytes) else dump_json(content))


@pytest.mark.parametrize(
    "answer",
    [
        reply(200, {"name": "bear"}),
        reply(200, {"name": "bear", "owner": None, "parts": [{"name": "ear"}]}),
        reply(204, b""),
        reply(404, {"error": {}}),
    ],
)
def test_what_fits_has_no_fault(answer: Reply) -> None:
    assert CLOSED.faults(GET, answer) == []


@pytest.mark.parametrize(
    ("answer", "fault"),
    [
        (reply(201, {"name": "bear"}), "expected one of the statuses 200, 204, 404, but it is 201"),
        (reply(200, {}), "$: 'name' is a required property"),
        (reply(200, {"name": None}), "$.name: None is not of type 'string'"),
        (reply(200, {"name": "a", "parts": [{"name": 1}]}), "$.parts[0].name: 1 is not of type 'string'"),
        (reply(200, b"not json"), "expected JSON, but"),
        (reply(200, b"{}", {"Content-Type": "text/html"}), "expected application/json, but it is text/html"),
        (reply(204, b"x"), "expected no body, but there are 1 bytes"),
        (reply(404, {}), "$: 'error' is a required property"),
    ],
)
def test_what_does_not_fit_is_said(answer: Reply, fault: str) -> None:
    assert any(found.startswith(fault) for found in OPEN.faults(GET, answer)), OPEN.faults(GET, answer)


def test_a_field_that_is_not_named_is_a_fault_of_a_closed_document_only() -> None:
    answer = reply(200, {"name": "bear", "parts": [{"name": "ear", "colour": "red"}]})
    assert OPEN.faults(GET, answer) == []
    assert CLOSED.faults(GET, answer) != []


def test_headers_are_there_as_the_document_says() -> None:
    told = {"content": GET.raw["responses"]["200"]["content"], "headers": {"ETag": {"required": True}, "X-More": {}}}
    operation = Operation("getToy", "GET", "/toys", "toys", "", {"responses": {"200": told}})
    bare, tagged = reply(200, {"name": "a"}), reply(200, {"name": "a"}, {**JSON, "ETag": '"a"'})

    assert OPEN.faults(operation, bare) == ["expected the header ETag, but it is not there"]
    assert OPEN.faults(operation, tagged) == CLOSED.faults(operation, tagged) == []
    assert OPEN.faults(GET, tagged) == []
    assert CLOSED.faults(GET, tagged) == ["expected no header ETag, but it is there"]


def test_events_of_a_stream_are_held_against_their_shape() -> None:
    event = {"properties": {"data": {"contentSchema": {"$ref": "#/components/schemas/Toy"}}}}
    streamed = {"responses": {"200": {"content": {"text/event-stream": {"schema": event}}}}}
    operation = Operation("watchToys", "GET", "/toys", "toys", "", streamed)
    good, bad = b': open\n\nid: 1\ndata: {"name":"bear"}\n\n', b"data: {}\n\n"
    assert OPEN.faults(operation, reply(200, good, STREAM)) == []
    assert OPEN.faults(operation, reply(200, good + bad, STREAM)) == ["$: 'name' is a required property"]


def test_a_request_that_the_document_would_not_let_through_is_said() -> None:
    assert OPEN.faults_of_body(PUT, b'{"name":"bear"}') == []
    assert OPEN.faults_of_body(PUT, b"{}") == ["$: 'name' is a required property"]
    assert OPEN.faults_of_body(PUT, None) == ["expected a body, but there is none"]
    assert OPEN.faults_of_body(GET, b"{}") == ["expected no body, but there is one"]


def exchange(answer: Reply, *, right: bool = False) -> Exchange:
    return Exchange(Asked("GET", "/toys/bear", None), answer, right)


def test_a_good_walk_is_judged_ok_and_says_which_statuses_the_file_lacks() -> None:
    line = judge(OPEN, GET, [exchange(reply(200, {"name": "a"}), right=True), exchange(reply(400, {"error": {}}))])
    assert (line.statuses, line.faults, line.verdict) == ([200, 400], [], "ok; the file has no 400")
    assert table([line]) == [f"toys  getToy  {'200 400':<20}  ok; the file has no 400"]


@pytest.mark.parametrize(
    "bad",
    [
        exchange(reply(200, {}), right=True),
        exchange(reply(404, {"error": {}}), right=True),
        exchange(reply(404, {})),
        exchange(reply(400, {})),
    ],
)
def test_a_bad_answer_breaks_the_file(bad: Exchange) -> None:
    line = judge(OPEN, GET, [bad])
    assert (len(line.faults), line.verdict) == (1, "BROKEN")
    assert table([line])[1].strip() == line.faults[0]


def test_operations_are_matched_by_method_and_form_of_the_path() -> None:
    ours = Operation("lookAtToy", "GET", "/toys/{id}", "", "", {})
    assert counterpart(OPEN, ours) == GET
    assert lacking(OPEN, [ours], []) == ["not here, of none: putToy"]
    assert lacking(OPEN, [ours], ["toys"]) == []


def test_a_row_becomes_a_request_with_its_places() -> None:
    row = Row(path={"id": "{run}"}, query="of={job}", body={"jobs": [{"id": "{job}"}], "name": "{new}"})
    places = {"project": "p", "run": "run_1", "job": "job_2", "new": "n"}
    assert asked("POST", "/v1/projects/{project}/runs/{id}", row, places) == Asked(
        "POST", "/v1/projects/p/runs/run_1?of=job_2", b'{"jobs":[{"id":"job_2"}],"name":"n"}'
    )
    assert ids_of(row) == {"path": {"run"}, "query": {"job"}, "body": {"job"}}
    assert (unknown("run_abc"), unknown("an-action")) == ("run_000", "never-was")
