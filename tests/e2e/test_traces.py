"""One run is one trace: from the request that starts it, over Kafka, to the POST that does the work."""

import pytest

from demo.answers import Run
from demo.following import follow_run
from demo.mobius_api import MobiusApi
from libs.chassis.telemetry.traceparent import TraceParent, parse_traceparent
from libs.contracts.codec import Json, dump_json
from tests.e2e.calls import Caller
from tests.e2e.collector import Collector, SpanSeen
from tests.e2e.endpoint import Endpoints
from tests.e2e.installation import Installation

SPEC: Json = {
    "name": "traced",
    "steps": [
        {"name": "by-job", "action": "traced"},
        {"name": "by-server", "action": "traced", "action_kind": "server"},
    ],
}
OURS = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"


@pytest.fixture(scope="module", autouse=True)
async def action(caller: Caller, endpoints: Endpoints) -> None:
    await endpoints.register(caller, "traced")


async def traces_of(endpoints: Endpoints, api: MobiusApi, run_id: str) -> list[TraceParent]:
    """What the two POSTs of the run carried."""
    await follow_run(api, run_id, lambda _: None)
    carried = [parse_traceparent(post.headers["Traceparent"]) for post in endpoints.of_run(run_id)]
    return [one for one in carried if one is not None]


def path_to(spans: list[SpanSeen], span_id: str) -> list[tuple[str, str]]:
    """The spans from the root down to this one, as service and name."""
    by_id = {span.span_id: span for span in spans}
    path: list[tuple[str, str]] = []
    while span_id in by_id:
        span = by_id[span_id]
        path.insert(0, (span.service, span.name))
        span_id = span.parent_id
    return path


async def test_start_engine_dispatcher_and_post_are_one_trace(
    api: MobiusApi, endpoints: Endpoints, installation: Installation
) -> None:
    started = await api.post("runs", {"mode": "inline", "spec": SPEC}, Run)
    by_job, by_server = await traces_of(endpoints, api, started.id)

    trace_id = f"{by_job.trace_id:032x}"
    assert f"{by_server.trace_id:032x}" == trace_id
    posts = [f"{one.span_id:016x}" for one in (by_job, by_server)]
    spans = await whole(installation.collector, trace_id, posts)
    assert path_to(spans, posts[0]) == [("engine", "startRun"), ("dispatcher", "deliver traced")]
    second = path_to(spans, posts[1])
    assert (second[0], second[-1]) == (("engine", "startRun"), ("dispatcher", "deliver traced"))
    assert ("engine", "hear job.completed") in {(span.service, span.name) for span in spans}


async def test_a_trace_that_the_caller_began_goes_on(
    api: MobiusApi, caller: Caller, endpoints: Endpoints, installation: Installation
) -> None:
    body = dump_json({"mode": "inline", "spec": SPEC})
    started = await caller.call("POST", "runs", body, {"Traceparent": OURS})
    carried = await traces_of(endpoints, api, started.text("id"))

    ours = parse_traceparent(OURS)
    assert ours is not None
    assert {one.trace_id for one in carried} == {ours.trace_id}
    spans = await whole(installation.collector, f"{ours.trace_id:032x}", [f"{one.span_id:016x}" for one in carried])
    (start,) = (span for span in spans if span.name == "startRun")
    assert start.parent_id == f"{ours.span_id:016x}"


async def whole(collector: Collector, trace_id: str, posts: list[str]) -> list[SpanSeen]:
    """The trace as soon as its beginning and both POSTs have arrived."""

    def complete(spans: list[SpanSeen]) -> bool:
        return {*posts} <= {span.span_id for span in spans} and "startRun" in {span.name for span in spans}

    return await collector.until(trace_id, complete)
