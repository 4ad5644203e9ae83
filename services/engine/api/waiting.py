"""Waiting for a run's end inside of the request that started it."""

from libs.chassis.http import Call
from libs.contracts.events.engine import RunCompleted, RunFailed
from services.engine.api.models import StartBoundBody, StartQuery, StartRunBody
from services.engine.domain.run_state import RunState
from services.engine.store.runs import Runs
from services.engine.store.watchers import Watch

RUN_ENDS = (RunCompleted, RunFailed)


async def until_over(
    watch: Watch, runs: Runs, call: Call[StartRunBody, StartQuery] | Call[StartBoundBody, StartQuery]
) -> RunState | None:
    """The run at its end, or as it stands when the time is up, the call is over or the process drains.

    Also one whose key has ended meanwhile hears of the run: it was started, and a refusal would say that it was not.
    """
    await call.until(watch.arrived, call.query.wait_seconds)
    found = (await runs.states([watch.run_id])).get(watch.run_id)
    return found if found is not None and found.is_over else await runs.state(watch.run_id)
