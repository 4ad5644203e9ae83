"""Takes every request through the same steps (told in the package's docstring) and sends its answer."""

import asyncio
from collections.abc import Iterable
from dataclasses import dataclass
from time import perf_counter

from aiohttp.web import BaseRequest, StreamResponse
from pydantic import BaseModel

from libs.chassis.decider import Rejected
from libs.chassis.http.access_log import AccessLog
from libs.chassis.http.answers import Answer, Content, EventStream
from libs.chassis.http.authentication import Authentication
from libs.chassis.http.bodies import announced_bytes, read_body
from libs.chassis.http.call import NOBODY, Call
from libs.chassis.http.connection import Connection
from libs.chassis.http.errors import BUSY, STARTING, UNAUTHORIZED, away, bad_request, internal
from libs.chassis.http.limits import HttpLimits
from libs.chassis.http.metrics import DoorMetrics, OperationMetrics
from libs.chassis.http.open_calls import NEVER, Ending, OpenCalls, Ticket
from libs.chassis.http.principal import Authenticator, Principal, ProjectDirectory
from libs.chassis.http.request_ids import RequestIds
from libs.chassis.http.respond import respond
from libs.chassis.http.room import Room
from libs.chassis.http.route import AnyRoute
from libs.chassis.http.router import Router
from libs.chassis.http.strays import UNKNOWN, Strays
from libs.chassis.http.streams import close_events, send_stream
from libs.chassis.http.validation import check_content_type, decode_body, decode_query
from libs.chassis.loops.signals import Signal
from libs.chassis.telemetry import tracing
from libs.chassis.telemetry.logging import get_logger, log_context
from libs.chassis.telemetry.traceparent import parse_traceparent

log = get_logger(__name__)


@dataclass(frozen=True, slots=True)
class _Endpoint:
    route: AnyRoute
    metrics: OperationMetrics
    max_body_bytes: int
    edits: bool


@dataclass(slots=True)
class _Exchange:
    request: BaseRequest
    endpoint: _Endpoint
    params: dict[str, str]
    request_id: str
    trace: str | None
    held: int = 0
    """Bytes of the body that the room was asked for."""
    ending: Ending = NEVER


class Door:
    """Answers requests. `unavailable` are the exceptions that mean a dependency is away (503, not 500)."""

    def __init__(
        self,
        routes: Iterable[AnyRoute],
        authenticator: Authenticator,
        projects: ProjectDirectory,
        limits: HttpLimits,
        metrics: DoorMetrics,
        unavailable: tuple[type[Exception], ...] = (),
    ) -> None:
        self.open = False
        self.draining = Signal()
        self._authentication = Authentication(authenticator, projects)
        self._used = authenticator.used
        self.open_calls = OpenCalls(self._authentication, authenticator, unavailable)
        self._limits = limits
        self._unrouted = metrics.operation(UNKNOWN)
        self._unavailable = unavailable
        self._access_log = AccessLog(limits.slow_request_seconds, limits.access_log_ratio)
        self._room = Room(limits, metrics)
        self._request_ids = RequestIds()
        self._router: Router[_Endpoint] = Router()
        routes = list(routes)
        self._strays = Strays(routes)
        for route in routes:
            assert route.waits or not route.streams, "expected a stream to wait, so that the end of its key can end it"
            limit = route.max_body_bytes or limits.max_body_bytes
            endpoint = _Endpoint(route, metrics.operation(route.operation_id), limit, route.edits)
            self._router.add(route.method, route.path, endpoint)

    @property
    def emptied(self) -> asyncio.Event:
        """Set while no request is at work."""
        return self._room.emptied

    async def __call__(self, request: BaseRequest) -> StreamResponse:
        started = perf_counter()
        self._room.enter()
        try:
            found = self._router.match(request.method, request.raw_path)
            if isinstance(found, Rejected):
                stray = self._strays.route(request.raw_path, found)
                if stray is None:
                    return await self._turn_away(request, found, started)
                found = _Endpoint(stray, self._unrouted, self._limits.max_body_bytes, edits=False), {}
            endpoint, params = found
            exchange = _Exchange(request, endpoint, params, self._request_ids.of(request), _incoming_trace(request))
            ticket = self._enter(exchange)
            try:
                return await self._take_in(exchange, started)
            finally:
                self._room.let_go(exchange.held)
                if ticket is not None:
                    self.open_calls.leave(ticket, exchange.ending)
        finally:
            self._room.leave()

    def _enter(self, exchange: _Exchange) -> Ticket | None:
        """Remembers a call that may wait, before it is admitted."""
        route = exchange.endpoint.route
        if not route.waits or route.role is None:
            return None
        ticket = Ticket(exchange.request.headers.get("Authorization"), exchange.params.get("project"), route.role)
        exchange.ending = self.open_calls.enter(ticket)
        return ticket

    async def _turn_away(self, request: BaseRequest, refusal: Rejected, started: float) -> StreamResponse:
        """No route; whoever has no key does not even learn that."""
        try:
            known = self.open and await self._authentication.principal(request.headers.get("Authorization"))
            answer = refusal if known else UNAUTHORIZED if self.open else STARTING
        except self._unavailable as error:
            answer = away(error)
        response = await self._send(request, answer, self._request_ids.of(request), self._unrouted)
        seconds = perf_counter() - started
        self._unrouted.observe(response.status, seconds)
        self._access_log.note(request, UNKNOWN, response.status, seconds, waits=False)
        return response

    async def _take_in(self, exchange: _Exchange, started: float) -> StreamResponse:
        request, route, metrics = exchange.request, exchange.endpoint.route, exchange.endpoint.metrics
        log_context.set({"request_id": exchange.request_id, "operation": route.operation_id})
        if tracing.recording():
            response = await self._traced(exchange)
        else:
            answer = await self._answer(exchange)
            response = await self._send(request, answer, exchange.request_id, metrics, exchange.ending)
        seconds = perf_counter() - started
        metrics.observe(response.status, seconds)
        self._access_log.note(request, route.operation_id, response.status, seconds, waits=route.waits)
        return response

    async def _traced(self, exchange: _Exchange) -> StreamResponse:
        route = exchange.endpoint.route
        with tracing.span(route.operation_id, exchange.trace or tracing.begin(), "server") as span:
            span.set("http.request.method", route.method)
            span.set("http.route", route.path)
            exchange.trace = span.traceparent
            answer, metrics = await self._answer(exchange), exchange.endpoint.metrics
            response = await self._send(exchange.request, answer, exchange.request_id, metrics, exchange.ending)
            span.set("http.response.status_code", response.status)
        return response

    async def _answer(self, exchange: _Exchange) -> Answer:
        try:
            call = await self._admit(exchange)
            return call if isinstance(call, Rejected) else await exchange.endpoint.route.handler(call)
        except self._unavailable as error:
            log.warning("dependency_away", error=f"{type(error).__name__}: {error}")
            exchange.endpoint.metrics.refused(getattr(error, "reason", "unavailable"))
            return away(error)
        except Exception:
            log.exception("request_failed")
            return internal(exchange.request_id)

    async def _admit(self, exchange: _Exchange) -> Call[object, object] | Rejected:
        request, route = exchange.request, exchange.endpoint.route
        if not (self.open or route.always):
            exchange.endpoint.metrics.refused("starting")
            return STARTING
        principal = await self._principal(exchange)
        if isinstance(principal, Rejected):
            return principal if self.open else STARTING  # as long as it starts, it need not know the key
        if not route.always and (refusal := self._refusal(exchange)):
            return refusal
        query = None if route.for_browsers else decode_query(route.query, request.raw_path)
        if isinstance(query, Rejected):
            return query
        raw, body = b"", None
        if route.body is not None:
            read = await self._body(exchange, route.body)
            if isinstance(read, Rejected):
                return read
            raw, body = read
        return Call(
            request=request,
            principal=principal,
            params=exchange.params,
            query=query,
            body=body,
            raw=raw,
            request_id=exchange.request_id,
            draining=self.draining,
            gone=_gone(request),
            ended=exchange.ending,
            trace=exchange.trace,
        )

    async def _principal(self, exchange: _Exchange) -> Principal | Rejected:
        role, edits = exchange.endpoint.route.role, exchange.endpoint.edits
        if role is None:
            return NOBODY
        header, project = exchange.request.headers.get("Authorization"), exchange.params.get("project")
        admitted = await self._authentication.admit(header, project, role, edits=edits)
        if not isinstance(admitted, Rejected):
            self._used(admitted)
        return admitted

    async def _body(self, exchange: _Exchange, model: type[BaseModel]) -> tuple[bytes, BaseModel] | Rejected:
        request, endpoint = exchange.request, exchange.endpoint
        headers = request.headers
        if endpoint.route.body_optional and not request.body_exists:
            return b"{}", model()  # some clients name a type of the nothing that they send
        refusal = check_content_type(headers.get("Content-Type"))
        if refusal is not None:
            return refusal
        if headers.get("Content-Encoding", "identity") != "identity":
            return bad_request("expected a body without Content-Encoding, but there is one", "header.Content-Encoding")
        announced = announced_bytes(request, endpoint.max_body_bytes)
        if (refusal := self._room.hold(announced)) is not None:
            endpoint.metrics.refused("bytes")
            return refusal
        exchange.held = announced
        raw = await read_body(request, endpoint.max_body_bytes, self._limits.body_seconds)
        if isinstance(raw, Rejected):
            return raw
        if not raw:
            if not endpoint.route.body_optional:
                return bad_request("expected a body of JSON, but it is empty")
            raw = b"{}"
        body = decode_body(model, raw)
        return body if isinstance(body, Rejected) else (raw, body)

    async def _send(
        self,
        request: BaseRequest,
        answer: Answer,
        request_id: str,
        metrics: OperationMetrics,
        ending: Ending = NEVER,
    ) -> StreamResponse:
        if isinstance(answer, EventStream):
            if request.method != "HEAD" and self._room.begin_stream():
                return await self._stream(request, answer, request_id, ending)
            await close_events(answer.events)
            answer = Content(200, b"", "text/event-stream")
            if request.method != "HEAD":
                metrics.refused("streams")
                answer = BUSY
        response = respond(answer, request_id)
        if self.draining.is_set() or not request.content.is_eof():
            response.force_close()
        return response

    async def _stream(
        self, request: BaseRequest, answer: EventStream, request_id: str, ending: Ending
    ) -> StreamResponse:
        try:
            return await send_stream(
                request,
                answer.events,
                request_id,
                ends=(self.draining, _gone(request), ending),
                comment_seconds=self._limits.stream_comment_seconds,
                write_seconds=self._limits.body_seconds,
            )
        finally:
            self._room.end_stream()

    def _refusal(self, exchange: _Exchange) -> Rejected | None:
        refusal = self._room.refusal()
        if refusal is not None:
            exchange.endpoint.metrics.refused("requests")
        return refusal


def _gone(request: BaseRequest) -> Signal:
    connection = request.protocol
    assert isinstance(connection, Connection)
    return connection.gone


def _incoming_trace(request: BaseRequest) -> str | None:
    header = request.headers.get("Traceparent")
    return header if header is not None and parse_traceparent(header) is not None else None
