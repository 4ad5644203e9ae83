"""Changes of single runs that somebody asked for: cancelling, for now."""

from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import Link
from libs.chassis.decider import Rejected
from libs.chassis.failpoints import reached
from libs.chassis.journal.commit import commit
from libs.chassis.journal.entry import Context
from libs.chassis.outbox.relay import Relay
from services.engine.domain.commands import RunCommand
from services.engine.domain.run_state import RunState
from services.engine.store.actions import ActionBook
from services.engine.store.deciding import Change, change
from services.engine.store.run_rows import end_parts
from services.engine.store.runs import Runs
from services.engine.store.watchers import Watchers

TRIES = 10


class Changes:
    """Component. One connection; whoever loses the race for the next sequence of a run loads and decides again."""

    def __init__(self, postgres_url: str, runs: Runs, actions: ActionBook, relay: Relay, watchers: Watchers) -> None:
        self._link = Link(postgres_url, "engine-changes")
        self._runs = runs
        self._actions = actions
        self._relay = relay
        self._watchers = watchers

    async def start(self) -> None:
        pass

    async def stop(self) -> None:
        await self._link.close()

    def ready(self) -> str | None:
        return None

    async def make(self, state: RunState, command: RunCommand, context: Context) -> Rejected | None:
        """Commits what the command changes. Raises `Unavailable` when the database is away, or others are faster."""
        self._relay.ensure_room()
        run_id = state.facts.run_id
        current: RunState | None = state
        for _ in range(TRIES):
            made = change(current, run_id, command, context, self._actions)
            if not isinstance(made, Change):
                return made if isinstance(made, Rejected) else None
            try:
                await commit(self._link, end_parts([made.state]), made.entries)
                assert reached("change_committed")
            except Conflict:
                current = await self._runs.state(run_id)
                continue
            self._runs.keep([made.state], made.entries)
            self._relay.offer(made.entries)
            self._watchers.tell(made.entries)
            return None
        raise Unavailable(f"expected to change {run_id} within {TRIES} tries, but others wrote first each time")
