"""A run is followed to its end over broken streams, and its events reach the board."""

from collections.abc import AsyncIterator

from aiohttp import web

from demo.answers import Run
from demo.board import Board
from demo.following import RunEvent, follow_run, read_events
from demo.local_server import LocalServer
from demo.mobius_api import connected
from libs.contracts.codec import JsonObject, dump_json


async def as_lines(text: bytes) -> AsyncIterator[bytes]:
    for line in text.splitlines(keepends=True):
        yield line


async def test_events_are_read_and_the_rest_is_passed_over() -> None:
    stream = (
        b":keepalive\n\n"
        b'event: run_updated\nid: 4\ndata: {"type":"run_updated","run_id":"r","seq":4,\n'
        b'data: "data":{"status":"x"}}\n\n'
        b'data:{"type":"custom","run_id":"r","seq":5}\r\n\r\n'
        b'data: {"type":"cut off"'
    )
    events = [event async for event in read_events(as_lines(stream))]
    assert [(event.type, event.seq, event.data) for event in events] == [
        ("run_updated", 4, {"status": "x"}),
        ("custom", 5, {}),
    ]


def run(status: str) -> JsonObject:
    return {"id": "run_1", "status": status, "created_at": "2026-01-01T00:00:00Z"}


def event(seq: int, kind: str, data: JsonObject) -> bytes:
    body: JsonObject = {"type": kind, "run_id": "run_1", "seq": seq, "timestamp": "2026-01-01T00:00:00Z", "data": data}
    return b"data: " + dump_json(body) + b"\n\n"


class Mobius:
    """Breaks the first stream in the middle of an event, refuses the second, and ends the run in the third."""

    def __init__(self) -> None:
        self.since: list[str | None] = []
        self.status = "active"

    async def events(self, request: web.Request) -> web.StreamResponse:
        self.since.append(request.query.get("since"))
        if len(self.since) == 2:
            return web.Response(status=503)
        response = web.StreamResponse()
        await response.prepare(request)
        if len(self.since) == 1:
            await response.write(event(1, "run_updated", run("active")) + event(2, "run_step_updated", {})[:20])
            assert request.transport is not None
            request.transport.abort()
        else:
            self.status = "completed"
            await response.write(event(3, "run_updated", run("completed")))
        return response

    async def get(self, _: web.Request) -> web.Response:
        return web.Response(body=dump_json(run(self.status)), content_type="application/json")

    def app(self) -> web.Application:
        app = web.Application()
        app.router.add_get("/v1/projects/default/runs/run_1/events", self.events)
        app.router.add_get("/v1/projects/default/runs/run_1", self.get)
        return app


async def test_broken_stream_is_taken_up_where_it_broke() -> None:
    mobius = Mobius()
    heard: list[int] = []
    async with LocalServer(mobius.app()) as server, connected(server.url, "mbx_key", "default") as api:
        ended = await follow_run(api, "run_1", lambda event: heard.append(event.seq))
    assert ended.status == "completed"
    assert heard == [1, 3]
    assert mobius.since == ["0", "1", "1"]


def step_event(run_id: str, step: str, kind: str, status: str) -> RunEvent:
    data: JsonObject = {"id": step, "kind": kind, "status": status}
    return RunEvent.model_validate({"type": "run_step_updated", "run_id": run_id, "seq": 1, "data": data})


def test_board_counts_what_it_hears_once() -> None:
    board = Board(documents=2, steps_per_document=2)
    for step in [
        step_event("run_1", "a", "worker_action", "pending"),
        step_event("run_2", "a", "worker_action", "running"),
        step_event("run_1", "a", "worker_action", "completed"),
        step_event("run_1", "a", "worker_action", "completed"),
        step_event("run_1", "b", "server_action", "pending"),
    ]:
        board.hear(step)
    assert (board.steps, board.steps_done, board.jobs_waiting, board.done) == (4, 1, 1, 0)
    board.finish(Run.model_validate(run("completed")))
    assert board.line() == "1/2 documents, 1/4 steps, 1 jobs waiting, 0 deliveries, 0 messages"
