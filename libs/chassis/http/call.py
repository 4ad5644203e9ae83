"""What a handler is given."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Generic, TypeVar

from aiohttp.web import BaseRequest

from libs.chassis.http.open_calls import Ending
from libs.chassis.http.principal import Principal, Role
from libs.chassis.loops.signals import Signal, first_of
from libs.chassis.telemetry import tracing

BodyT_co = TypeVar("BodyT_co", covariant=True)
QueryT_co = TypeVar("QueryT_co", covariant=True)

NOBODY = Principal("", Role.VIEWER, "")
"""Who calls a public route: no key, and no project has this handle."""


@dataclass(slots=True)
class Call(Generic[BodyT_co, QueryT_co]):
    """One request that passed the door."""

    request: BaseRequest
    principal: Principal
    params: Mapping[str, str]
    """The path's named segments, decoded."""
    query: QueryT_co
    body: BodyT_co
    raw: bytes
    """The body as it came: the bytes that were validated."""
    request_id: str
    draining: Signal
    """Set when the process stops: answer what waits, now."""
    gone: Signal
    """Set when the client hung up: give back what is held for it."""
    ended: Ending
    """Set when its key or project is no longer good: give back what is held for it, and answer `ended.refusal`, unless
    something was done that the caller has to hear of."""
    trace: str | None
    """The trace that the request came in or was put into; none yet where nothing is recorded."""

    @property
    def traceparent(self) -> str:
        """What events and outgoing calls hand on. Begun when it is first asked for: most reads never ask."""
        if self.trace is None:
            self.trace = tracing.begin()
        return self.trace

    @property
    def project(self) -> str:
        """The handle in the path; it exists and the key may use it. Empty on paths without one."""
        return self.params.get("project", "")

    async def until(self, signal: Signal, seconds: float) -> bool:
        """Waits for `signal`; False when the time is up, or when the call is over or the process drains before."""
        await first_of((signal, self.gone, self.ended, self.draining), seconds)
        return signal.is_set() and not self.over and not self.draining.is_set()

    @property
    def over(self) -> bool:
        """Nobody waits for the answer, or nobody may have it."""
        return self.gone.is_set() or self.ended.is_set()

    @property
    def headers(self) -> Mapping[str, str]:
        """The first line of each."""
        return self.request.headers

    def lines_of(self, header: str) -> Sequence[str]:
        """Every line of a header that may be sent in several."""
        return self.request.headers.getall(header, ())
