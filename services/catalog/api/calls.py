"""What commands over HTTP have in common."""

from typing import TypeVar

from pydantic import BaseModel

from libs.chassis.clock import Clock
from libs.chassis.http import Call
from libs.chassis.journal.entry import Context

Body = TypeVar("Body", bound=BaseModel | None)
Query = TypeVar("Query", bound=BaseModel | None)


def context_of(call: Call[Body, Query], clock: Clock) -> Context:
    """Who asked for it, when, where, and in which trace."""
    return Context(
        service="catalog",
        project=call.project,
        now=clock.now(),
        actor=call.principal.key_id,
        traceparent=call.traceparent,
    )
