"""Runs as they stand: from memory, or folded from the journal, many with one query."""

from collections.abc import Iterable, Mapping, Sequence

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.journal.entry import Entry
from libs.chassis.journal.store import QUERIES as JOURNAL
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from libs.contracts.registry import decode
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState
from services.engine.store.run_cache import RunCache

QUERIES = load_queries(__package__)
RUN = "run_"
"""How the ids of runs begin: no other stream can be asked for as one."""


class Runs:
    """Raises `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, cache: RunCache) -> None:
        self._reads = reads
        self._cache = cache

    async def states(self, run_ids: Iterable[str]) -> dict[str, RunState]:
        """The states of those runs that exist."""
        wanted = [run_id for run_id in dict.fromkeys(run_ids) if run_id.startswith(RUN)]
        found = {run_id: state for run_id in wanted if (state := self._cache.get(run_id)) is not None}
        missing = [run_id for run_id in wanted if run_id not in found]
        if missing:
            found.update(await self._load(missing))
        return found

    async def state(self, run_id: str) -> RunState | None:
        return (await self.states([run_id])).get(run_id)

    async def events(self, run_id: str) -> list[Event[Payload]]:
        """Everything that happened to a run, in order; empty for one that does not exist."""
        if not run_id.startswith(RUN):
            return []
        return [decode(row["event"]) for row in await self._reads.rows(JOURNAL["load_streams"], [run_id])]

    async def listed(self, filters: Sequence[str | None], most: int) -> list[RunState]:
        """Newest first. `filters`: project, before, and the rest as in the query `list_runs`."""
        rows = await self._reads.rows(QUERIES["list_runs"], *filters, most)
        states = await self.states([row["run_id"] for row in rows])
        return [states[row["run_id"]] for row in rows]

    def keep(self, states: Iterable[RunState], appended: Iterable[Entry]) -> None:
        """Remembers what was just committed."""
        weights: dict[str, int] = {}
        for entry in appended:
            weights[entry.event.subject] = weights.get(entry.event.subject, 0) + len(entry.raw)
        for state in states:
            self._cache.put(state, weights.get(state.facts.run_id, 0))

    def drop(self, run_ids: Iterable[str]) -> None:
        """Somebody else wrote to one of these."""
        for run_id in run_ids:
            self._cache.drop(run_id)

    async def _load(self, run_ids: Sequence[str]) -> Mapping[str, RunState]:
        states: dict[str, RunState] = {}
        weights: dict[str, int] = {}
        for row in await self._reads.rows(JOURNAL["load_streams"], run_ids):
            run_id, raw = row["stream"], row["event"]
            states[run_id] = evolve(states.get(run_id), decode(raw))
            weights[run_id] = weights.get(run_id, 0) + len(raw)
        for run_id, state in states.items():
            self._cache.put(state, weights[run_id])
        return states
