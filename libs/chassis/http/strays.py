"""What no route answers, below a path whose route says who answers it: where pages are, a refusal is a page too."""

from collections.abc import Awaitable, Iterable
from dataclasses import replace

from libs.chassis.decider import Rejected
from libs.chassis.http.answers import Answer
from libs.chassis.http.call import Call
from libs.chassis.http.route import AnyRoute

UNKNOWN = "unknown"
"""The operation of a request that has no route."""


class Strays:
    """Of these routes, those that have `strays`."""

    def __init__(self, routes: Iterable[AnyRoute]) -> None:
        self._takers = [route for route in routes if route.strays is not None]

    def route(self, raw_path: str, refusal: Rejected) -> AnyRoute | None:
        """A route that answers in the place of the one that is not there; None: nobody wants to."""
        path = raw_path.partition("?")[0]
        taker = next((one for one in self._takers if path == one.path or path.startswith(f"{one.path}/")), None)
        if taker is None or taker.strays is None:
            return None
        take = taker.strays

        def answer(call: Call[None, None]) -> Awaitable[Answer]:
            return take(call, refusal)

        return replace(taker, operation_id=UNKNOWN, handler=answer, waits=False)
