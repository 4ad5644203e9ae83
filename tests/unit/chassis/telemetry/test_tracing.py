"""One trace from the first span to the last, and nothing at all where nobody records."""

from collections.abc import Iterator

import pytest
from hypothesis import given
from hypothesis import strategies as st
from opentelemetry.sdk.trace import ReadableSpan
from opentelemetry.sdk.trace.export import SimpleSpanProcessor
from opentelemetry.sdk.trace.export.in_memory_span_exporter import InMemorySpanExporter

from libs.chassis.http import Role, Route
from libs.chassis.telemetry import tracing
from libs.chassis.telemetry.traceparent import TraceParent, is_sampled, new_traceparent, parse_traceparent
from tests.doubles.door import serving
from tests.unit.chassis.http.toyshop import best_toy

SAMPLED = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
UNSAMPLED = SAMPLED[:-1] + "0"


@pytest.fixture
def exported() -> Iterator[InMemorySpanExporter]:
    exporter = InMemorySpanExporter()
    tracing.configure("toyshop", None, 1.0, processor=SimpleSpanProcessor(exporter))
    yield exporter
    tracing.shutdown()
    tracing.configure("toyshop", None, 0.0)


def trace_of(span: ReadableSpan) -> int:
    assert span.context is not None
    return int(span.context.trace_id)


@given(st.integers(1, 2**128 - 1), st.integers(1, 2**64 - 1), st.booleans())
def test_a_traceparent_comes_back_as_it_was(trace_id: int, span_id: int, sampled: bool) -> None:
    parent = TraceParent(trace_id, span_id, sampled)
    assert parse_traceparent(str(parent)) == parent
    assert is_sampled(str(parent)) == sampled


@pytest.mark.parametrize(
    "text",
    [None, "", "00", SAMPLED.upper(), "ff" + SAMPLED[2:], SAMPLED + "x", "00-" + "0" * 32 + SAMPLED[35:], "é" * 55],
)
def test_a_malformed_traceparent_is_none(text: str | None) -> None:
    assert parse_traceparent(text) is None
    assert not is_sampled(text)


def test_a_new_trace_differs_from_the_one_before() -> None:
    assert new_traceparent(True) != new_traceparent(True)
    assert is_sampled(new_traceparent(True))
    assert not is_sampled(new_traceparent(False))


@pytest.mark.parametrize("parent", [None, SAMPLED, UNSAMPLED])
def test_without_a_collector_the_parent_is_handed_on_unchanged(parent: str | None) -> None:
    with tracing.span("work", parent) as span:
        span.set("toy", "bear")
        assert span.traceparent == parent
    assert not tracing.recording()


def test_an_unrecorded_trace_stays_unrecorded_and_unchanged(exported: InMemorySpanExporter) -> None:
    with tracing.span("work", UNSAMPLED) as span:
        assert span.traceparent == UNSAMPLED
    assert exported.get_finished_spans() == ()


def test_spans_hang_below_each_other_by_their_strings_alone(exported: InMemorySpanExporter) -> None:
    with tracing.span("outer", SAMPLED, "consumer", {"toy": "bear"}) as outer:
        pass
    with tracing.span("inner", outer.traceparent, "client"):
        pass
    first, second = exported.get_finished_spans()
    assert (trace_of(first), trace_of(second)) == (int(SAMPLED[3:35], 16),) * 2
    assert first.parent is not None
    assert first.parent.span_id == int(SAMPLED[36:52], 16)
    assert second.parent is not None
    assert first.context is not None
    assert second.parent.span_id == first.context.span_id
    assert first.attributes == {"toy": "bear"}
    assert (first.kind.name, second.kind.name) == ("CONSUMER", "CLIENT")


def test_an_exception_marks_the_span_and_goes_on(exported: InMemorySpanExporter) -> None:
    with pytest.raises(RuntimeError), tracing.span("work", SAMPLED):
        raise RuntimeError("a bug")
    assert exported.get_finished_spans()[0].status.status_code.name == "ERROR"


async def test_a_request_is_a_span_whose_trace_the_handler_hands_on(exported: InMemorySpanExporter) -> None:
    route = Route(method="GET", path="/best", operation_id="getBest", summary="", handler=best_toy, role=Role.VIEWER)
    async with serving([route]) as shop:
        _, body, _ = await shop.ask("GET", "/best", headers={"traceparent": SAMPLED})
        _, unasked, _ = await shop.ask("GET", "/best")
    given_span, begun_span = exported.get_finished_spans()
    assert given_span.context is not None
    handed_on = str(TraceParent(int(SAMPLED[3:35], 16), given_span.context.span_id, True))
    assert handed_on.encode() in body
    assert f"{trace_of(begun_span):032x}".encode() in unasked
    assert given_span.attributes is not None
    assert given_span.attributes["http.response.status_code"] == 200
