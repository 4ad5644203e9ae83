"""What callers get wrong: refused by its field, never a failure of ours."""

from typing import cast

from libs.contracts.codec import JsonObject, parse_json
from tests.integration.engine.running import DOCUMENT_SPEC, Engine
from tests.integration.engine.speaking import TOKENS

LONE = b'"\\ud800"'
STEP = b'{"name":"a","action":"slack.post-message","action_kind":"server"}'

BODIES: list[tuple[str, bytes, str | None]] = [
    ("/runs", b"", None),
    ("/runs", b"[]", None),
    ("/runs", b'{"mode":"saved","definition_id":"wf_1","mode":"inline"}', None),
    ("/runs", b'{"mode":"saved","definition_id":%b}' % LONE, None),
    ("/runs", b'{"mode":"saved","definition_id":"wf_\\u0000"}', None),
    ("/runs", b'{"mode":"other"}', "mode"),
    ("/runs", b'{"mode":"inline","spec":[]}', "spec"),
    ("/runs", b'{"mode":"inline","spec":{"name":"w","steps":[]}}', "spec.steps"),
    ("/runs", b'{"mode":"inline","spec":{"name":"w","steps":[%b]},"external_id":""}' % STEP, "external_id"),
    ("/runs", b'{"mode":"inline","spec":{"name":"w","steps":[%b]},"external_id":%b}' % (STEP, LONE), None),
    ("/runs", b'{"mode":"inline","spec":{"name":"w","steps":[%b]},"queue":"a b"}' % STEP, "queue"),
    ("/runs", b'{"mode":"inline","spec":{"name":"w","steps":[%b]},"metadata":{"a":%b}}' % (STEP, LONE), None),
    ("/runs", b'{"mode":"inline","spec":{"name":"w","steps":[%b]},"inputs":{"a":%b}}' % (STEP, LONE), None),
    ("/workflows", b'{"name":"w"}', "spec"),
    ("/workflows", b'{"name":%b,"spec":{"name":"w","steps":[%b]}}' % (LONE, STEP), None),
    ("/workflows", b'{"name":"","spec":{"name":"w","steps":[%b]}}' % STEP, "name"),
    ("/workflows", b'{"name":"w","spec":{"name":"w","steps":[{"name":"a","action":"x","y":1}]}}', "spec.steps[0].y"),
]

QUERIES = [
    "/runs?queue=%00",
    "/runs?external_id=%ED%A0%80",
    "/runs?status=done",
    "/runs?limit=0",
    "/runs?limit=201",
    "/runs?cursor=x",
    "/runs?unknown=1",
    "/workflows?tag=a:%00",
    "/workflows?cursor=WzFd",
    "/workflows/wf_1/versions/x",
]


async def test_bodies_that_are_wrong_are_refused_by_their_field(engine: Engine) -> None:
    for path, raw, field in BODIES:
        status, error = await send(engine, path, raw)
        assert status == 400, (path, raw, error)
        if field is not None:
            assert cast(JsonObject, error["details"])["field"] == field, raw


async def test_queries_that_are_wrong_are_refused(engine: Engine) -> None:
    for path in QUERIES:
        status, answer = await engine.call("GET", path)
        assert status == 400, (path, answer)


async def test_a_body_over_the_limit_is_refused_by_its_largest_field(engine: Engine) -> None:
    body = {"mode": "inline", "spec": DOCUMENT_SPEC, "inputs": {"doc_id": "d" * 300_000}}
    status, answer = await engine.call("POST", "/runs", body)
    error = cast(JsonObject, answer["error"])
    assert (status, error["code"]) == (413, "payload_too_large")
    assert cast(JsonObject, error["details"])["field"] == "inputs.doc_id"


async def test_inputs_that_break_the_contract_are_named(engine: Engine) -> None:
    status, answer = await engine.call(
        "POST", "/runs", {"mode": "inline", "spec": DOCUMENT_SPEC, "inputs": {"doc_id": 1}}
    )
    error = cast(JsonObject, answer["error"])
    assert (status, error["code"]) == (400, "contract_violation")
    assert cast(JsonObject, error["details"])["field"] == "inputs.doc_id"


async def test_what_is_not_there_is_not_found(engine: Engine) -> None:
    run = await engine.start()
    for path in ("/runs/run_1", "/runs/events", "/runs/run_%C3%BC/steps", f"/runs/{run['id']}/steps/step_1"):
        assert (await engine.call("GET", path))[0] == 404
    for path in ("resumptions", "signals", "forks"):
        assert (await engine.call("POST", f"/runs/{run['id']}/{path}", {}))[0] == 404


async def send(engine: Engine, path: str, raw: bytes) -> tuple[int, JsonObject]:
    headers = {"Authorization": f"Bearer {TOKENS['admin']}", "Content-Type": "application/json"}
    async with engine.http.post(engine.url + path, data=raw, headers=headers) as response:
        answer = cast(JsonObject, parse_json(await response.read()))
        return response.status, cast(JsonObject, answer.get("error", answer))
