"""One row of a service's table of contents."""

from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Generic, Literal, TypeAlias, TypeVar

from pydantic import BaseModel

from libs.chassis.decider import Rejected
from libs.chassis.http.answers import Answer
from libs.chassis.http.call import Call
from libs.chassis.http.principal import Role

BodyT = TypeVar("BodyT", bound=BaseModel | None)
QueryT = TypeVar("QueryT", bound=BaseModel | None)

Method = Literal["GET", "POST", "PUT", "PATCH", "DELETE"]
RequestHeader = Literal["If-Match", "Idempotency-Key"]
ResponseHeader = Literal["ETag", "X-Next-Cursor", "Idempotency-Replayed"]
Handler = Callable[[Call[Any, Any]], Awaitable[Answer]]


@dataclass(frozen=True, slots=True, kw_only=True)
class Route(Generic[BodyT, QueryT]):
    """What may come in at one path with one method, and what answers it. Also the source of the OpenAPI document.

    `path` has `{name}` segments; one called `{project}` is checked before the handler sees it.
    `role` is the least that a key must have, None lets anybody in.
    `responses` has the model (None: no JSON body) of each status that can be answered, the usual one first.
    `body_optional`: no body at all is fine too, `call.body` is then the model's defaults.
    """

    method: Method
    path: str
    operation_id: str
    summary: str
    handler: Callable[[Call[BodyT, QueryT]], Awaitable[Answer]]
    role: Role | None
    body: type[BodyT] | None = None
    query: type[QueryT] | None = None
    responses: Mapping[int, type[BaseModel] | None] = field(default_factory=dict)
    body_optional: bool = False
    request_headers: tuple[RequestHeader, ...] = ()
    """The headers that its handler reads, for the document."""
    response_headers: tuple[ResponseHeader, ...] = ()
    """The headers that its answers with a body may carry, refusals aside, for the document."""
    streams: bool = False
    """Answers server-sent events; the model of its answer is what each of them carries as `data`."""
    max_body_bytes: int | None = None
    """This route's own limit, instead of the server's."""
    for_browsers: bool = False
    """A page or a form: its handler reads query and body itself, and its errors are pages too."""
    waits: bool = False
    """A long poll: taking long is its work and not worth a line in the log."""
    in_archive: bool = False
    """Changes something and is answered even in a project that takes nothing new: it ends what is under way."""
    strays: Callable[[Call[None, None], Rejected], Awaitable[Answer]] | None = None
    """Answers what is asked for below its path and no route answers; it is told why the door would refuse it."""
    always: bool = False
    """Answers while the process is starting, draining or full: health."""

    @property
    def edits(self) -> bool:
        """Whether it begins or changes something that its project has to be open for."""
        changes = self.method != "GET" and self.role is not None and self.role >= Role.AUTHOR
        return changes and "/{project}" in self.path and not self.in_archive


AnyRoute: TypeAlias = Route[Any, Any]
