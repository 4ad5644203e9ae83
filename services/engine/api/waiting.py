"""Waiting for a run's end inside of the request that started it."""

from time import monotonic

from libs.chassis.http import Call
from services.engine.api.models import StartBoundBody, StartQuery, StartRunBody
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState
from services.engine.store.watchers import FellBehind, Watch


async def until_over(
    watch: Watch, state: RunState, call: Call[StartRunBody, StartQuery] | Call[StartBoundBody, StartQuery]
) -> RunState:
    """The run at its end, or as it stands when the time is up, the client is gone or the process drains."""
    deadline = monotonic() + call.query.wait_seconds
    while not state.is_over and await call.until(watch.arrived, deadline - monotonic()):
        try:
            for event in await watch.next():
                state = evolve(state, event)
        except FellBehind:
            break
    return state
