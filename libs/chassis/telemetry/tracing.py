"""Spans, one trace per run: HTTP request → journal event → Kafka → consumer → job → outgoing POST.

The parent is always a `traceparent` string, because it travels in events. A span that is not recorded costs a
comparison and hands its parent's string on unchanged, so the trace survives services that record nothing.
Whether a trace is recorded is decided once, where it begins, and travels in the string's flags.
"""

import random
from collections.abc import Mapping
from types import TracebackType
from typing import Literal, Protocol

from opentelemetry.context import Context
from opentelemetry.exporter.otlp.proto.http.trace_exporter import OTLPSpanExporter
from opentelemetry.sdk.resources import Resource
from opentelemetry.sdk.trace import SpanProcessor, TracerProvider
from opentelemetry.sdk.trace.export import BatchSpanProcessor
from opentelemetry.sdk.trace.sampling import ALWAYS_ON
from opentelemetry.trace import (
    NonRecordingSpan,
    SpanContext,
    SpanKind,
    Status,
    StatusCode,
    TraceFlags,
    Tracer,
    set_span_in_context,
)
from opentelemetry.trace import Span as OtelSpan

from libs.chassis.telemetry.traceparent import TraceParent, is_sampled, new_traceparent, parse_traceparent

Kind = Literal["internal", "server", "client", "producer", "consumer"]
Value = str | int | float | bool

_KINDS = {kind.name.lower(): kind for kind in SpanKind}


class Span(Protocol):
    """One piece of work in a trace. `traceparent` is what to hand on."""

    @property
    def traceparent(self) -> str | None: ...

    def set(self, key: str, value: Value) -> None: ...

    def fail(self, sentence: str) -> None: ...

    def __enter__(self) -> "Span": ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None: ...


class _Unrecorded:
    __slots__ = ("traceparent",)

    def __init__(self, traceparent: str | None) -> None:
        self.traceparent = traceparent

    def set(self, key: str, value: Value) -> None:
        pass

    def fail(self, sentence: str) -> None:
        pass

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        pass


class _Recorded:
    __slots__ = ("_span", "traceparent")

    def __init__(self, span: OtelSpan) -> None:
        self._span = span
        context = span.get_span_context()
        self.traceparent: str | None = str(TraceParent(context.trace_id, context.span_id, True))

    def set(self, key: str, value: Value) -> None:
        self._span.set_attribute(key, value)

    def fail(self, sentence: str) -> None:
        self._span.set_status(Status(StatusCode.ERROR, sentence))

    def __enter__(self) -> Span:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None, /
    ) -> None:
        if error is not None:
            self.fail(type(error).__name__)
        self._span.end()


class Tracing:
    """Makes spans for one process. Without a tracer it only hands on what it was given."""

    def __init__(
        self, tracer: Tracer | None = None, ratio: float = 0.0, provider: TracerProvider | None = None
    ) -> None:
        self._tracer = tracer
        self._ratio = ratio if tracer is not None else 0.0
        self._provider = provider

    @property
    def records(self) -> bool:
        return self._tracer is not None

    def begin(self) -> str:
        """A new trace, recorded with the configured probability."""
        return new_traceparent(self._ratio > 0 and random.random() < self._ratio)  # noqa: S311

    def span(
        self, name: str, parent: str | None, kind: Kind = "internal", attributes: Mapping[str, Value] | None = None
    ) -> Span:
        """A span below `parent`; a context manager. An unrecorded one has the parent's own `traceparent`."""
        if self._tracer is None or not is_sampled(parent):
            return _Unrecorded(parent)
        above = parse_traceparent(parent)
        context = _context(above) if above is not None else Context()
        return _Recorded(self._tracer.start_span(name, context, _KINDS[kind], attributes))

    def shutdown(self) -> None:
        """Sends what is left. Blocks for at most some seconds."""
        if self._provider is not None:
            self._provider.shutdown()


_current = Tracing()


def configure(
    service: str, endpoint: str | None, ratio: float, version: str = "", processor: SpanProcessor | None = None
) -> Tracing:
    """Makes this process record. `endpoint` is the collector's base URL; `processor` replaces it in tests."""
    global _current  # noqa: PLW0603
    if endpoint is None and processor is None:
        _current = Tracing()
        return _current
    resource = Resource.create({"service.name": service, "service.namespace": "mobius", "service.version": version})
    provider = TracerProvider(sampler=ALWAYS_ON, resource=resource, shutdown_on_exit=False)
    if processor is None:
        processor = BatchSpanProcessor(OTLPSpanExporter(endpoint=f"{(endpoint or '').rstrip('/')}/v1/traces"))
    provider.add_span_processor(processor)
    _current = Tracing(provider.get_tracer("mobius"), ratio, provider)
    return _current


def recording() -> bool:
    """Whether this process records any trace at all."""
    return _current.records


def begin() -> str:
    """A new trace's `traceparent`, for work that nobody's trace caused."""
    return _current.begin()


def span(name: str, parent: str | None, kind: Kind = "internal", attributes: Mapping[str, Value] | None = None) -> Span:
    """A span of this process below `parent`: `with span("deliver", event.traceparent, "client") as s:`."""
    return _current.span(name, parent, kind, attributes)


def shutdown() -> None:
    """Sends what is left to the collector. Blocks: call it in a thread or at the very end."""
    _current.shutdown()


def _context(above: TraceParent) -> Context:
    flags = TraceFlags(TraceFlags.SAMPLED)
    return set_span_in_context(NonRecordingSpan(SpanContext(above.trace_id, above.span_id, True, flags)), Context())
