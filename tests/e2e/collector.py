"""A small OpenTelemetry collector: takes spans by OTLP over HTTP and keeps them by trace."""

import asyncio
import gzip
from collections.abc import Callable
from dataclasses import dataclass, field

from aiohttp import web
from opentelemetry.proto.collector.trace.v1.trace_service_pb2 import (
    ExportTraceServiceRequest,
    ExportTraceServiceResponse,
)

PATIENCE_SECONDS = 20


@dataclass(frozen=True)
class SpanSeen:
    """One span; ids are hexadecimal, `parent_id` is empty at the root."""

    service: str
    name: str
    trace_id: str
    span_id: str
    parent_id: str


@dataclass
class Collector:
    """`spans` in the order of their arrival, and `raw` what they came as."""

    spans: list[SpanSeen] = field(default_factory=list)
    raw: list[bytes] = field(default_factory=list)
    _arrived: asyncio.Condition = field(default_factory=asyncio.Condition)

    def app(self) -> web.Application:
        app = web.Application(client_max_size=16 * 1024 * 1024)
        app.router.add_post("/v1/traces", self._receive)
        return app

    def of_trace(self, trace_id: str) -> list[SpanSeen]:
        return [span for span in self.spans if span.trace_id == trace_id]

    async def until(self, trace_id: str, complete: Callable[[list[SpanSeen]], bool]) -> list[SpanSeen]:
        """The spans of the trace as soon as they are complete. Services send them in batches, every few seconds."""
        async with asyncio.timeout(PATIENCE_SECONDS), self._arrived:
            await self._arrived.wait_for(lambda: complete(self.of_trace(trace_id)))
        return self.of_trace(trace_id)

    async def _receive(self, request: web.Request) -> web.Response:
        raw = await request.read()  # aiohttp has undone the compression already
        raw = gzip.decompress(raw) if raw[:2] == b"\x1f\x8b" else raw
        async with self._arrived:
            self.raw.append(raw)
            self.spans += read_spans(raw)
            self._arrived.notify_all()
        body = ExportTraceServiceResponse().SerializeToString()
        return web.Response(body=body, content_type="application/x-protobuf")


def read_spans(raw: bytes) -> list[SpanSeen]:
    """The spans of one request."""
    request = ExportTraceServiceRequest.FromString(raw)
    found: list[SpanSeen] = []
    for of_resource in request.resource_spans:
        names = {one.key: one.value.string_value for one in of_resource.resource.attributes}
        for scope in of_resource.scope_spans:
            found += [
                SpanSeen(
                    names["service.name"], span.name, span.trace_id.hex(), span.span_id.hex(), span.parent_span_id.hex()
                )
                for span in scope.spans
            ]
    return found
