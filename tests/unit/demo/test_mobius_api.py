"""The demo's API client: refusals are typed, pages are joined, and a restarting service is waited for."""

from collections.abc import AsyncIterator, Callable
from contextlib import asynccontextmanager
from datetime import timedelta

import aiohttp
import pytest
from aiohttp import web

from demo.answers import Job, Workflow
from demo.local_server import LocalServer
from demo.mobius_api import ApiRefused, MobiusApi, connected
from libs.contracts.codec import dump_json

WORKFLOW = {"id": "wf_1", "name": "one", "created_at": "2026-01-01T00:00:00Z"}


def answer(body: object, status: int = 200) -> web.Response:
    return web.Response(status=status, body=dump_json(body), content_type="application/json")


@asynccontextmanager
async def mobius(handle: Callable[[web.Request], web.Response]) -> AsyncIterator[MobiusApi]:
    async def handler(request: web.Request) -> web.Response:
        assert request.headers["Authorization"] == "Bearer mbx_key"
        return handle(request)

    app = web.Application()
    app.router.add_route("*", "/{path:.*}", handler)
    async with LocalServer(app) as server, connected(server.url, "mbx_key", "default") as api:
        yield api


async def test_answer_is_read_as_the_model_asked_for() -> None:
    async with mobius(lambda request: answer(WORKFLOW | {"path": request.path})) as api:
        assert await api.get("workflows/wf_1", Workflow) == Workflow(id="wf_1", name="one")


async def test_refusal_carries_the_envelope() -> None:
    details = {"existing_run_id": "run_1", "status": "completed"}
    error = {"error": {"code": "external_id_conflict", "message": "expected a new id", "details": details}}
    async with mobius(lambda _: answer(error, 409)) as api:
        with pytest.raises(ApiRefused) as refused:
            await api.post("workflows", {}, Workflow)
    assert (refused.value.status, refused.value.code, refused.value.details) == (409, "external_id_conflict", details)
    assert str(refused.value) == "409 external_id_conflict: expected a new id"


async def test_refusal_without_an_envelope_is_shown_as_it_came() -> None:
    async with mobius(lambda _: web.Response(status=404, text="nothing here")) as api:
        with pytest.raises(ApiRefused, match="404 no_envelope: nothing here"):
            await api.get("workflows", Workflow)


@pytest.mark.parametrize("status", [429, 502, 503, 504])
async def test_service_that_is_starting_is_waited_for(status: int) -> None:
    statuses = [status, status, 200]
    async with mobius(lambda _: answer(WORKFLOW, statuses.pop(0))) as api:
        assert (await api.get("workflows/wf_1", Workflow)).id == "wf_1"
    assert statuses == []


async def test_refusal_that_will_not_pass_is_not_tried_again() -> None:
    asked: list[str] = []

    def refuse(request: web.Request) -> web.Response:
        asked.append(request.path)
        return answer({}, 400)

    async with mobius(refuse) as api:
        with pytest.raises(ApiRefused):
            await api.get("workflows", Workflow)
    assert asked == ["/v1/projects/default/workflows"]


async def test_patience_ends() -> None:
    async with LocalServer(web.Application()) as server:
        gone = server.url
    async with aiohttp.ClientSession(gone) as session:
        api = MobiusApi(session, "default", patience=timedelta(milliseconds=200))
        with pytest.raises(aiohttp.ClientConnectionError):
            await api.get("workflows", Workflow)


async def test_pages_are_joined() -> None:
    def page(request: web.Request) -> web.Response:
        cursor = request.query.get("cursor", "")
        following = {"": "a", "a": "b"}.get(cursor)
        assert (request.query["limit"], request.query["run_id"]) == ("100", "run_1")
        job = {"id": f"job_{cursor}", "action": "x", "status": "pending", "attempt": 1}
        more = {"has_more": True, "next_cursor": following} if following else {"has_more": False}
        return answer({"items": [job], **more})

    async with mobius(page) as api:
        jobs = await api.all_of("jobs", Job, {"run_id": "run_1"})
    assert [job.id for job in jobs] == ["job_", "job_a", "job_b"]
