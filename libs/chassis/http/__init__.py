"""The one door into a service.

The model, told once. A `Route` says what may come in: method, path, the least role, a body model, a query model and
what is answered. `Door` takes every request through the same steps, and each step may end it with a `Rejected`:

    connection (bounded; a head that comes too slowly is dropped)
    → route (404, 405) → key (401) → project (404, the same bytes for foreign and unknown) → role (403)
    → project open for changes (409 when it is archived)
    → room (503 when too many are at work, or the process is starting or draining)
    → query (400) → body (413 past the limit, 408 when slow, 400 with the path of each wrong field)
    → handler(Call) → Answer

A handler gets a `Call` (who, which project, typed query and body, the trace to hand on) and answers `Json`, `Empty`,
`Content`, an `EventStream` or a `Rejected`; it never sees a half-valid request and never writes an error itself.
All errors leave in one envelope: `{"error": {"code", "message", "details"}}`. Unknown ids, foreign ids and foreign
projects answer the same bytes. `/healthz`, `/readyz` and the API's own description (`documents`) answer without a key;
nothing else does, unless its route says so.

While the process drains, `call.draining` is set: whoever waits in a long poll answers now. When the client hangs up,
`call.gone` is set: whoever holds something for it gives it back. When its key or project ends while it waits,
`call.ended` is set, and within a second the call is answered with what it would be refused with if it came now; a
stream ends.
"""

from libs.chassis.http.answers import Answer, Content, Empty, EventStream, Json, encode_event
from libs.chassis.http.call import Call
from libs.chassis.http.cursor import decode_cursor, decode_moment, encode_cursor, encode_moment
from libs.chassis.http.errors import NOT_FOUND
from libs.chassis.http.models import Body, Page, Query
from libs.chassis.http.principal import Authenticator, Principal, ProjectDirectory, Role
from libs.chassis.http.route import AnyRoute, Route

__all__ = [
    "NOT_FOUND",
    "Answer",
    "AnyRoute",
    "Authenticator",
    "Body",
    "Call",
    "Content",
    "Empty",
    "EventStream",
    "Json",
    "Page",
    "Principal",
    "ProjectDirectory",
    "Query",
    "Role",
    "Route",
    "decode_cursor",
    "decode_moment",
    "encode_cursor",
    "encode_event",
    "encode_moment",
]
