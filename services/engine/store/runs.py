"""Runs as they stand: from memory, or folded from the journal, many with one query."""

import asyncio
from collections.abc import AsyncIterator, Iterable, Mapping, Sequence
from functools import cache
from typing import Literal, TypeAlias

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.journal.entry import Entry
from libs.chassis.journal.store import QUERIES as JOURNAL
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from libs.contracts.registry import decode
from services.engine.domain.evolve import evolve
from services.engine.domain.run_state import RunState
from services.engine.store.metrics import EngineMetrics
from services.engine.store.run_cache import RunCache

QUERIES = load_queries(__package__)
AT_ONCE = 200
"""Events that are decoded in one go."""

RUN = "run_"
"""How the ids of runs begin: no other stream can be asked for as one."""


PAST_ALL = "~"
"""Sorts behind every id."""

Column: TypeAlias = Literal[
    "status", "workflow_name", "queue", "source_type", "source_id", "external_id", "definition_id"
]
Equal: TypeAlias = Mapping[Column, str | None]
"""Columns of `runs` and what they must hold; None: anything."""


class Runs:
    """Raises `Unavailable` when the database is away."""

    def __init__(self, reads: Reads, cache: RunCache, metrics: EngineMetrics) -> None:
        self._reads = reads
        self._cache = cache
        self._metrics = metrics

    async def states(self, run_ids: Iterable[str]) -> dict[str, RunState]:
        """The states of those runs that exist. Those in memory may be behind, if another replica wrote: who concludes
        from one that nothing is to be done has to ask for `fresh` ones first."""
        wanted = _runs_among(run_ids)
        found = {run_id: state for run_id in wanted if (state := self._cache.get(run_id)) is not None}
        missing = [run_id for run_id in wanted if run_id not in found]
        if missing:
            found.update(await self.fresh(missing))
        return found

    async def fresh(self, run_ids: Iterable[str]) -> dict[str, RunState]:
        """The states as the journal has them now: what is in memory, and what was appended since."""
        known = {run_id: self._cache.get(run_id) for run_id in _runs_among(run_ids)}
        states = {run_id: state for run_id, state in known.items() if state is not None}
        seen = [0 if state is None else state.version for state in known.values()]
        weights: dict[str, int] = {}
        rows = await self._reads.rows(QUERIES["read_tails"], list(known), seen, None) if known else ()
        async for row in _in_turns(rows):
            run_id, raw = row["stream"], row["event"]
            states[run_id] = evolve(states.get(run_id), decode(raw))
            weights[run_id] = weights.get(run_id, 0) + len(raw)
        for run_id, weight in weights.items():
            self._cache.put(states[run_id], weight)
        return states

    async def state(self, run_id: str) -> RunState | None:
        """One fresh state."""
        return (await self.fresh([run_id])).get(run_id)

    async def events(self, run_id: str) -> list[Event[Payload]]:
        """Everything that happened to a run, in order; empty for one that does not exist."""
        if not run_id.startswith(RUN):
            return []
        rows = await self._reads.rows(JOURNAL["load_streams"], [run_id])
        return [decode(row["event"]) async for row in _in_turns(rows)]

    async def listed(self, project: str, before: str | None, equal: Equal, most: int) -> list[RunState]:
        """Newest first, those that began before the run `before`, where all columns of `equal` have these values."""
        columns = tuple(column for column, value in equal.items() if value is not None)
        values = [equal[column] for column in columns]
        rows = await self._reads.rows(_list_query(columns), project, before or PAST_ALL, most, *values)
        states = await self.fresh(row["run_id"] for row in rows)
        return [states[row["run_id"]] for row in rows]

    def keep(self, states: Iterable[RunState], appended: Sequence[Entry]) -> None:
        """Remembers and counts what was just committed."""
        self._metrics.committed(appended)
        weights: dict[str, int] = {}
        for entry in appended:
            weights[entry.event.subject] = weights.get(entry.event.subject, 0) + len(entry.raw)
        for state in states:
            self._cache.put(state, weights.get(state.facts.run_id, 0))

    def drop(self, run_ids: Iterable[str]) -> None:
        """Somebody else wrote to one of these."""
        for run_id in run_ids:
            self._cache.drop(run_id)


@cache
def _list_query(columns: tuple[Column, ...]) -> str:
    conditions = "".join(f" AND {column} = ${place}" for place, column in enumerate(columns, start=4))
    return QUERIES["list_runs"].replace("/* and */", conditions)


async def _in_turns(rows: Sequence[Row]) -> AsyncIterator[Row]:
    """The rows; everybody else gets a turn now and then, however long a run is."""
    for place, row in enumerate(rows, start=1):
        yield row
        if place % AT_ONCE == 0:
            await asyncio.sleep(0)


def _runs_among(ids: Iterable[str]) -> list[str]:
    return [one for one in dict.fromkeys(ids) if one.startswith(RUN)]
