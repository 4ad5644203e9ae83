"""Who may come in: nobody without a key, nobody into another's project, and no longer who was revoked."""

import asyncio
from collections.abc import AsyncIterator

import pytest

from deploy.local.routes import load_routes
from libs.contracts.codec import Json, dump_json
from libs.contracts.topics import SERVICES
from tests.e2e.calls import Caller, Reply
from tests.e2e.endpoint import Endpoints
from tests.e2e.grants import Grants, granting
from tests.e2e.installation import Installation

PUBLIC = ("/openapi.json", "/asyncapi.json", "/docs")
"""What the API says of itself."""
PAGES = ("/", "/dashboard/**")
"""They have a door of their own."""
METHODS = ("GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS")
OTHER = "other-project"
REVOKED_WITHIN_SECONDS = 5


@pytest.fixture(scope="module")
async def grants(installation: Installation) -> AsyncIterator[Grants]:
    async with granting(installation.stack.kafka_bootstrap, OTHER) as grants:
        yield grants


@pytest.fixture(scope="module")
async def places(caller: Caller, endpoints: Endpoints) -> dict[str, str]:
    """Things of the first project that nobody else may see: an action, a workflow, a run, and its job."""
    await endpoints.register(caller, "guarded")
    spec: Json = {"name": "guarded", "steps": [{"name": "a", "action": "guarded"}]}
    workflow = (await caller.create("workflows", {"name": "guarded", "spec": spec})).text("id")
    run = (await caller.create(f"workflows/{workflow}/runs", {})).text("id")
    post = await endpoints.until_posted(run)
    return {"action": "guarded", "workflow": workflow, "run": run, "job": str(post.body["job_id"])}


def paths_of_the_table(project: str, run: str) -> list[str]:
    """Every line of the routing table as paths, with and without something below."""
    paths = []
    for route in load_routes():
        if route.path.startswith(PUBLIC) or route.path in PAGES:
            continue
        path = route.path.replace("{project}", project).replace("{run}", run).replace("{action}", "guarded")
        fixed = path.removesuffix("/**")
        paths += [fixed, f"{fixed}/claim", f"{fixed}/x/y"] if path.endswith("/**") else [path]
    return paths


async def test_without_a_key_nothing_answers_but_health_and_the_documents(
    installation: Installation, places: dict[str, str]
) -> None:
    stack = installation.stack
    paths = [*paths_of_the_table(stack.project, places["run"]), f"/v1/projects/{stack.project}/actions/catalog"]
    assert len(paths) > len(load_routes()) - len(PUBLIC) - len(PAGES)
    bodies = set()
    for origin in (stack.api_url, *(stack.service_url(name) for name in SERVICES)):
        caller = installation.caller_of(stack.project, "", origin)
        for path in paths:
            for method in METHODS:
                reply = await caller.call(method, path, authorization=None)
                assert reply.status == 401, f"{method} {origin}{path} answered {reply.status}: {reply.raw!r}"
                bodies.add(reply.raw)
    assert len(bodies - {b""}) == 1


async def test_health_needs_no_key_and_metrics_do(installation: Installation, caller: Caller) -> None:
    stack = installation.stack
    assert (await caller.call("GET", "/healthz", authorization=None)).status == 200
    for path in ("/metrics", "/readyz", "/docs/nothing"):
        assert (await caller.call("GET", path, authorization=None)).status in (401, 404)
    for name in SERVICES:
        own = installation.caller_of(stack.project, stack.api_key, stack.service_url(name))
        for path in ("/healthz", "/readyz"):
            assert (await own.call("GET", path, authorization=None)).status == 200
        assert (await own.call("GET", "/metrics", authorization=None)).status == 401
        assert (await own.call("GET", "/metrics", authorization="Bearer mbx_" + "0" * 43)).status == 401
        counted = await own.get("/metrics")
        assert (counted.status, b"# TYPE " in counted.raw) == (200, True)


@pytest.mark.parametrize("path", PUBLIC)
async def test_a_document_is_the_same_from_every_service_and_needs_no_key(
    installation: Installation, path: str
) -> None:
    stack = installation.stack
    origins = (stack.api_url, *(stack.service_url(name) for name in SERVICES))
    callers = [installation.caller_of(stack.project, "", origin) for origin in origins]
    replies = [await caller.call("GET", path, authorization=None) for caller in callers]
    assert {reply.status for reply in replies} == {200}
    assert len({reply.raw for reply in replies}) == 1


async def test_a_foreign_project_answers_as_one_that_does_not_exist(
    installation: Installation, grants: Grants, places: dict[str, str]
) -> None:
    token, _ = await grants.key("admin")
    stranger = installation.caller_of(OTHER, token)
    for name in ("actions", "workflows", "runs", "action-audit-log", "worker-sessions"):
        assert (await stranger.get(name)).items == []
        foreign = await stranger.get(f"/v1/projects/{installation.stack.project}/{name}")
        nowhere = await stranger.get(f"/v1/projects/never-was/{name}")
        assert (foreign.status, foreign.raw) == (nowhere.status, nowhere.raw) == (404, nowhere.raw)


READS = (
    ("actions/{action}", "actions/never-was"),
    ("actions/catalog/{action}", "actions/catalog/never-was"),
    ("workflows/{workflow}", "workflows/wf_none"),
    ("workflows/{workflow}/runs", "workflows/wf_none/runs"),
    ("workflows/{workflow}/versions", "workflows/wf_none/versions"),
    ("runs/{run}", "runs/run_none"),
    ("runs/{run}/steps", "runs/run_none/steps"),
    ("runs/{run}/events", "runs/run_none/events"),
    ("runs/{run}/jobs", "runs/run_none/jobs"),
    ("jobs/{job}", "jobs/job_none"),
    ("action-audit-log?run_id={run}", "action-audit-log?run_id=run_none"),
)
FENCE: Json = {"worker_session_token": "stranger", "attempt": 1}
WRITES: tuple[tuple[str, str, str, Json], ...] = (
    ("PATCH", "workflows/{workflow}", "workflows/wf_none", {"name": "mine"}),
    ("POST", "workflows/{workflow}/runs", "workflows/wf_none/runs", {}),
    ("POST", "runs/{run}/cancellations", "runs/run_none/cancellations", {}),
    ("POST", "jobs/{job}/heartbeat", "jobs/job_none/heartbeat", FENCE),
)


@pytest.mark.parametrize(("foreign", "unknown"), READS)
async def test_a_foreign_id_is_read_as_one_that_does_not_exist(
    installation: Installation, grants: Grants, places: dict[str, str], foreign: str, unknown: str
) -> None:
    token, _ = await grants.key("admin")
    stranger = installation.caller_of(OTHER, token)
    theirs, nothing = await stranger.get(foreign.format(**places)), await stranger.get(unknown)
    assert (theirs.status, theirs.raw) == (nothing.status, nothing.raw)
    own = await installation.caller.call("HEAD", foreign.format(**places))
    assert own.status == 200, "expected the owner to see it"


@pytest.mark.parametrize(("method", "foreign", "unknown", "body"), WRITES)
async def test_a_foreign_id_is_written_as_one_that_does_not_exist(
    installation: Installation,
    grants: Grants,
    places: dict[str, str],
    method: str,
    foreign: str,
    unknown: str,
    body: Json,
) -> None:
    token, _ = await grants.key("admin")
    stranger = installation.caller_of(OTHER, token)
    before = await installation.caller.get(f"workflows/{places['workflow']}")
    theirs = await _sent(stranger, method, foreign.format(**places), body)
    nothing = await _sent(stranger, method, unknown, body)
    assert (theirs.status, theirs.raw) == (nothing.status, nothing.raw)
    assert theirs.status in (404, 409)
    assert (await installation.caller.get(f"workflows/{places['workflow']}")).raw == before.raw


async def _sent(caller: Caller, method: str, path: str, body: Json) -> Reply:
    return await caller.call(method, path, dump_json(body))


async def test_a_role_may_do_its_own_and_no_more(installation: Installation, grants: Grants) -> None:
    claim: Json = {"worker_instance_id": "roles", "worker_session_token": "roles", "concurrency_limit": 1}
    action: Json = {"name": "by-role", "endpoint_url": "http://127.0.0.1:9/x"}
    expected = {"viewer": (200, 403, 403), "worker": (200, 204, 403), "author": (200, 204, 201)}
    for role, statuses in expected.items():
        token, _ = await grants.key(role)  # type: ignore[arg-type]
        caller = installation.caller_of(OTHER, token)
        answered = (
            (await caller.get("runs")).status,
            (await caller.post("jobs/claim", claim)).status,
            (await caller.post("actions", action)).status,
        )
        assert answered == statuses, role


async def test_a_revoked_key_ends_everywhere_within_seconds(installation: Installation, grants: Grants) -> None:
    token, key = await grants.key("admin")
    stack, paths = installation.stack, ("actions", "runs", "worker-sessions", "action-audit-log")
    callers = [installation.caller_of(OTHER, token, stack.service_url(name)) for name in SERVICES]
    of_services = list(zip(callers, paths, strict=True))
    assert [(await caller.get(path)).status for caller, path in of_services] == [200] * 4

    await grants.revoke(key)
    async with asyncio.timeout(REVOKED_WITHIN_SECONDS):
        for caller, path in of_services:
            while (await caller.get(path)).status != 401:
                await asyncio.sleep(0.05)
    scoped = installation.caller_of(OTHER, f"{OTHER}/{token}")
    assert (await scoped.get("actions")).status == 401


async def test_a_key_of_one_project_does_not_name_another(installation: Installation, grants: Grants) -> None:
    token, _ = await grants.key("admin")
    own = installation.caller_of(OTHER, f"{OTHER}/{token}")
    assert (await own.get("actions")).status == 200
    pretended = installation.caller_of(OTHER, f"{installation.stack.project}/{token}")
    assert (await pretended.get("actions")).status == 401
