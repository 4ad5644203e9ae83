"""Hears the dispatcher: every invocation that ended becomes a row of the action audit log."""

from collections.abc import Sequence

from libs.chassis.bus.batch import NO_EFFECTS, Effects, Heard
from services.audit.domain.invocations import Invocation, invocation_from
from services.audit.store.invocations import insert_part


class DispatcherEvents:
    """The handler of `mobius.dispatcher-events.v1`."""

    def __init__(self, summary_bytes: int) -> None:
        self._summary_bytes = summary_bytes

    async def __call__(self, heard: Sequence[Heard]) -> Effects:
        rows: dict[str, Invocation] = {}
        for item in heard:
            invocation = invocation_from(item.event, self._summary_bytes)
            if invocation is not None:
                rows.setdefault(invocation.id, invocation)
        return Effects(parts=[insert_part(list(rows.values()))]) if rows else NO_EFFECTS
