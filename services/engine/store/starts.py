"""The start desk: runs that begin, many in one statement with their journal, outbox and rows."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypeAlias

from libs.chassis.db.errors import Conflict, Unavailable
from libs.chassis.db.link import PLANNED_ONCE, Link
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import Part
from libs.chassis.failpoints import reached
from libs.chassis.journal.commit import commit
from libs.chassis.loops.group_commit import GroupCommit
from libs.chassis.loops.queues import Queues
from libs.chassis.outbox.relay import Relay
from services.engine.domain.states import RunStatus
from services.engine.store.deciding import Change
from services.engine.store.run_rows import begin_part
from services.engine.store.runs import Runs

QUERIES = load_queries(__package__)
TRIES = 5


@dataclass(frozen=True, slots=True)
class Start:
    """A run that has been decided. `definition`: the workflow, and the sequence of it that was decided by."""

    change: Change
    definition: tuple[str, int] | None = None

    @property
    def place(self) -> tuple[str, str]:
        return self.change.state.facts.project, self.change.state.facts.run_id

    @property
    def external(self) -> tuple[str, str] | None:
        facts = self.change.state.facts
        return None if facts.external_id is None else (facts.project, facts.external_id)


@dataclass(frozen=True, slots=True)
class Begun:
    """The run has begun, as it was decided."""


@dataclass(frozen=True, slots=True)
class Taken:
    """Another run of the project has the external id."""

    run_id: str
    status: RunStatus


@dataclass(frozen=True, slots=True)
class Stale:
    """The definition has changed since: load it and decide again."""


Outcome: TypeAlias = Begun | Taken | Stale
BEGUN = Begun()


class StartDesk:
    """Component. `begin` raises `Unavailable` and `Overloaded`."""

    def __init__(self, postgres_url: str, runs: Runs, relay: Relay, queues: Queues) -> None:
        self._link = Link(postgres_url, "engine-starts", settings=PLANNED_ONCE)
        self._runs = runs
        self._relay = relay
        self._group: GroupCommit[Start, Outcome] = queues.group("starts", self._serve)

    async def start(self) -> None:
        await self._group.start()

    async def stop(self) -> None:
        await self._group.stop()
        await self._link.close()

    def ready(self) -> str | None:
        return self._group.ready()

    async def begin(self, start: Start) -> Outcome:
        self._relay.ensure_room()
        return await self._group.submit(start)

    async def _serve(self, batch: Sequence[Start]) -> Sequence[Outcome | Exception]:
        """One statement, as a rule. A conflict tells which starts cannot go: the others try again without them."""
        outcomes: dict[str, Outcome] = {}
        waiting = list(batch)
        for attempt in range(TRIES):
            if attempt or any(start.external for start in waiting):
                outcomes.update(await self._taken(waiting))
                waiting = [start for start in waiting if start.place[1] not in outcomes]
            try:
                await self._commit(waiting)
            except Conflict:
                outcomes.update(await self._moved(waiting))
                waiting = [start for start in waiting if start.place[1] not in outcomes]
                continue
            return [outcomes.get(start.place[1], BEGUN) for start in batch]
        raise Unavailable(f"expected to begin {len(waiting)} runs within {TRIES} tries, but others wrote first")

    async def _commit(self, starts: Sequence[Start]) -> None:
        if not starts:
            return
        appended = [entry for start in starts for entry in start.change.entries]
        states = [start.change.state for start in starts]
        await commit(self._link, [begin_part(states), *_expected(starts)], appended)
        assert reached("starts_committed")
        self._runs.keep(states, appended)
        self._relay.offer(appended)

    async def _taken(self, starts: Sequence[Start]) -> dict[str, Outcome]:
        """The starts whose external id another run has, be it one that goes before it in this batch."""
        claims = [(start, start.external) for start in starts if start.external is not None]
        if not claims:
            return {}
        projects, external_ids = zip(*(claim for _, claim in claims), strict=True)
        rows = await self._link.rows(QUERIES["find_by_external_id"], list(projects), list(external_ids))
        holders = {(row["project"], row["external_id"]): Taken(row["run_id"], row["status"]) for row in rows}
        outcomes: dict[str, Outcome] = {}
        for start, claim in claims:
            holder = holders.setdefault(claim, Taken(start.place[1], start.change.state.status))
            if holder.run_id != start.place[1]:
                outcomes[start.place[1]] = holder
        return outcomes

    async def _moved(self, starts: Sequence[Start]) -> dict[str, Outcome]:
        """The starts whose definition is no longer what they were decided by."""
        used = {start.definition[0] for start in starts if start.definition}
        rows = await self._link.rows(QUERIES["find_definition_sequences"], list(used)) if used else []
        latest = {(row["workflow_id"], row["seq"]) for row in rows}
        return {
            start.place[1]: Stale()
            for start in starts
            if start.definition is not None and start.definition not in latest
        }


def _expected(starts: Sequence[Start]) -> list[Part]:
    used = {start.definition for start in starts if start.definition is not None}
    if not used:
        return []
    workflow_ids, sequences = zip(*used, strict=True)
    return [Part("as_decided", QUERIES["expect_definitions"], (list(workflow_ids), list(sequences)), expect=len(used))]
