"""Starting and looking at runs, claiming and completing jobs, in ways that must be refused."""

from base64 import b64encode

from libs.contracts.codec import Json, JsonObject
from tests.e2e.bad_input.case import Case

START = "workflows/{workflow}/runs"
INPUTS: JsonObject = {"doc_id": "x"}
CLAIM: JsonObject = {
    "worker_instance_id": "bad-claims",
    "worker_session_token": "bad-claims",
    "concurrency_limit": 1,
    "wait_seconds": 0,
    "actions": ["nobody-registered-this"],
}
FENCE: JsonObject = {"worker_session_token": "bad-worker", "attempt": 1}


def starting(name: str, field: str, code: str = "invalid_argument", /, **body: Json) -> Case:
    return Case(f"run: {name}", "POST", START, {"inputs": INPUTS, **body}, field, code=code)


def claiming(name: str, field: str, /, **changes: Json) -> Case:
    return Case(f"claim: {name}", "POST", "jobs/claim", {**CLAIM, **changes}, field)


def completing(name: str, field: str, /, **changes: Json) -> Case:
    body: JsonObject = {**FENCE, "status": "completed", **changes}
    return Case(f"complete: {name}", "POST", "jobs/{job}/complete", body, field)


def several(name: str, field: str, /, *changes: JsonObject) -> Case:
    results: list[Json] = [{"job_id": "{job}", "attempt": 1, "status": "completed", **change} for change in changes]
    body: JsonObject = {"worker_session_token": "bad-worker", "results": results}
    return Case(f"complete several: {name}", "POST", "jobs/complete", body, field)


def reporting(name: str, field: str, *events: Json) -> Case:
    return Case(f"events: {name}", "POST", "jobs/{job}/events", {**FENCE, "events": [*events]}, field)


def encoded(text: str) -> str:
    return b64encode(text.encode()).decode()


STARTS = (
    Case("run: no input", "POST", START, {}, "inputs.doc_id", code="contract_violation"),
    starting("input missing", "inputs.doc_id", "contract_violation", inputs={}),
    starting("input of another type", "inputs.doc_id", "contract_violation", inputs={"doc_id": 7}),
    starting("input is a number as text", "inputs.count", "contract_violation", inputs={"doc_id": "x", "count": "1"}),
    starting("input unknown", "inputs.colour", "contract_violation", inputs={"doc_id": "x", "colour": "red"}),
    starting("inputs list", "inputs", inputs=["x"]),
    starting("unknown field", "priority", priority=1),
    starting("queue with spaces", "queue", queue="a b"),
    starting("queue empty", "queue", queue=""),
    starting("external id empty", "external_id", external_id=""),
    starting("external id too long", "external_id", external_id="x" * 1_000),
    starting("metadata number", "metadata.a", metadata={"a": 1}),
    starting("reserved tag", "tags.mobius:x", tags={"mobius:x": "y"}),
    Case("run: unknown workflow", "POST", "workflows/wf_none/runs", {"inputs": INPUTS}, None, 404, "not_found"),
    Case(
        "run: unknown definition",
        "POST",
        "runs",
        {"mode": "saved", "definition_id": "wf_none"},
        "definition_id",
        404,
        "not_found",
    ),
    Case("run: of a wrong status", "GET", "runs?status=finished", None, "status"),
    Case("run: unknown", "GET", "runs/run_none", None, None, 404, "not_found"),
    Case("run: unknown, watched", "GET", "runs/run_none/events", None, None, 404, "not_found"),
    Case("run: unknown, cancelled", "POST", "runs/run_none/cancellations", None, None, 404, "not_found"),
    Case("run: watched since before", "GET", "runs/{run}/events?since=-1", None, "since"),
    Case("run: watched since text", "GET", "runs/{run}/events?since=start", None, "since"),
    Case("run: steps of a wrong status", "GET", "runs/{run}/steps?status=done", None, "status"),
)

JOBS = (
    claiming("no instance", "worker_instance_id", worker_instance_id=None),
    claiming("instance empty", "worker_instance_id", worker_instance_id=""),
    claiming("token number", "worker_session_token", worker_session_token=7),
    claiming("no place", "concurrency_limit", concurrency_limit=0),
    claiming("waits too long", "wait_seconds", wait_seconds=31),
    claiming("waits backwards", "wait_seconds", wait_seconds=-1),
    claiming("waits as text", "wait_seconds", wait_seconds="1"),
    claiming("waits a half", "wait_seconds", wait_seconds=0.5),
    claiming("actions text", "actions", actions="summarize"),
    claiming("action number", "actions[0]", actions=[1]),
    claiming("unknown field", "priority", priority=1),
    claiming("of no job", "max_jobs", max_jobs=0),
    claiming("of too many jobs", "max_jobs", max_jobs=101),
    claiming("jobs as text", "max_jobs", max_jobs="10"),
    several("none", "results"),
    several("too many", "results", *[{}] * 101),
    several("attempt 0", "results[1].attempt", {}, {"attempt": 0}),
    several("attempt of 40 bits", "results[0].attempt", {"attempt": 2**40}),
    several("status unknown", "results[2].status", {}, {}, {"status": "done"}),
    several("no job", "results[0].job_id", {"job_id": None}),
    several("result an object", "results[1].result_b64", {}, {"result_b64": {"words": 1}}),
    several("unknown field", "results[0].worker_session_token", {"worker_session_token": "other"}),
    Case(
        "complete several: too large",
        "POST",
        "jobs/complete",
        {
            "worker_session_token": "bad-worker",
            "results": [
                {"job_id": "job_none", "attempt": 1, "status": "completed"},
                {"job_id": "job_none", "attempt": 1, "status": "completed", "result_b64": "A" * (3 * 1024 * 1024)},
            ],
        },
        "results[1].result_b64",
        413,
        "payload_too_large",
    ),
    Case("heartbeat several: none", "POST", "jobs/heartbeat", {"worker_session_token": "x", "jobs": []}, "jobs"),
    Case(
        "heartbeat several: no attempt",
        "POST",
        "jobs/heartbeat",
        {"worker_session_token": "x", "jobs": [{"job_id": "job_none"}]},
        "jobs[0].attempt",
    ),
    completing("attempt as text", "attempt", attempt="1"),
    completing("attempt 0", "attempt", attempt=0),
    completing("attempt of 40 bits", "attempt", attempt=2**40),
    completing("attempt true", "attempt", attempt=True),
    completing("status unknown", "status", status="done"),
    completing("no token", "worker_session_token", worker_session_token=None),
    completing("result not base64", "result_b64", result_b64="{not base64}"),
    completing("result base64 without padding", "result_b64", result_b64="e30x="),
    completing("result not JSON", "result_b64", result_b64=encoded("{words: 1}")),
    completing("result NaN", "result_b64", result_b64=encoded('{"words": NaN}')),
    completing("result with a field twice", "result_b64", result_b64=encoded('{"words": 1, "words": 2}')),
    completing("result of 70 bits", "result_b64", result_b64=encoded("1180591620717411303424")),
    completing("result an object", "result_b64", result_b64={"words": 1}),
    completing("unknown field", "result", result={"words": 1}),
    Case(
        "complete: another's job",
        "POST",
        "jobs/{job}/complete",
        {**FENCE, "worker_session_token": "other", "status": "completed"},
        "worker_session_token",
        409,
        "lease_lost",
    ),
    Case("heartbeat: no attempt", "POST", "jobs/{job}/heartbeat", {"worker_session_token": "bad-worker"}, "attempt"),
    reporting("none", "events"),
    reporting("reserved type", "events[0].type", {"type": "mobius.done", "payload": {}}),
    reporting("type with spaces", "events[0].type", {"type": "a b", "payload": {}}),
    reporting("payload list", "events[0].payload", {"type": "a", "payload": []}),
    Case(
        "events: payload too large",
        "POST",
        "jobs/{job}/events",
        {**FENCE, "events": [{"type": "a", "payload": {}}, {"type": "a", "payload": {"text": "x" * 20_000}}]},
        "events[1].payload",
        413,
        "payload_too_large",
    ),
    Case("job: unknown", "GET", "jobs/job_none", None, None, 404, "not_found"),
)

CASES = (*STARTS, *JOBS)
