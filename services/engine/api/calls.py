"""What commands over HTTP have in common."""

from typing import TypeVar

from pydantic import BaseModel

from libs.chassis.clock import Clock
from libs.chassis.http import Call
from libs.chassis.journal.entry import Context
from services.engine.store.deciding import SERVICE

Body = TypeVar("Body", bound=BaseModel | None)
Query = TypeVar("Query", bound=BaseModel | None)


def context_of(call: Call[Body, Query], clock: Clock, correlation: str) -> Context:
    """Who asked for it, when, and in which trace."""
    return Context(
        service=SERVICE,
        project=call.project,
        now=clock.now(),
        actor=call.principal.key_id,
        correlation=correlation,
        traceparent=call.traceparent,
    )
