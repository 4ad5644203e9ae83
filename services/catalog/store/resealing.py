"""Seals again what another master key has sealed, a batch at a time: rows and states in one commit, or none of it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from libs.chassis.clock import Clock
from libs.chassis.db.link import Row
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from libs.chassis.decider import Rejected
from libs.chassis.journal.entry import Context, Entry, entry
from libs.chassis.journal.store import load_last
from libs.chassis.sealing import CannotOpen, Sealed, Sealer
from libs.contracts.codec import Json
from libs.contracts.envelope import Event
from libs.contracts.payload import Payload
from services.catalog.store.commits import Commits, Proposal
from services.catalog.store.sealed_columns import SealedColumn

NOTHING = Rejected("invalid_state", "expected something that another master key has sealed, but there is nothing")


@dataclass(frozen=True, slots=True)
class Batch:
    """What became of one batch. `refused` are the places of texts that do not open; `last` is where to go on."""

    resealed: int
    refused: tuple[str, ...]
    last: str


class Resealing:
    """Needs both keys: `sealer` opens under any and seals under the active one."""

    def __init__(self, reads: Reads, commits: Commits, sealer: Sealer, clock: Clock) -> None:
        self._reads = reads
        self._commits = commits
        self._sealer = sealer
        self._clock = clock

    async def left_over(self, column: SealedColumn) -> int:
        """How many texts are not under the active key."""
        row = await self._reads.row(column.count, self._sealer.active)
        return 0 if row is None else int(row["left_over"])

    async def batch(self, column: SealedColumn, after: str, most: int) -> Batch | None:
        """The next ones behind `after`; None at the end. Known to every service when this returns."""
        done = await self._commits.settle(lambda: self._propose(column, after, most))
        return None if isinstance(done, Rejected) else done

    async def _propose(self, column: SealedColumn, after: str, most: int) -> Proposal[Batch] | Rejected:
        rows = await self._reads.rows(column.find, self._sealer.active, after, most)
        if not rows:
            return NOTHING
        fresh, refused = self._fresh(column, rows)
        opened = [rows[place] for place in fresh]
        said = await self._announced(column, opened, list(fresh.values()))
        keys = [[row[name] for row in opened] for name in column.key]
        args = ([row["text"] for row in opened], list(fresh.values()), *keys)
        part = Part("resealed", column.reseal, args, expect=len(opened))
        return Proposal(said, [part], Batch(len(opened), tuple(refused), rows[-1]["text"]))

    def _fresh(self, column: SealedColumn, rows: Sequence[Row]) -> tuple[dict[int, str], list[str]]:
        """Fresh texts by the place of their row, and which do not open."""
        fresh: dict[int, str] = {}
        refused: list[str] = []
        for place, row in enumerate(rows):
            aad = column.aad(row)
            try:
                fresh[place] = str(self._sealer.seal(self._sealer.open(Sealed.parse(row["text"]), aad), aad))
            except CannotOpen as error:
                key = ", ".join(f"{name} {row[name]}" for name in column.key)
                refused.append(f"{column.table} ({key}): {error}")
        return fresh, refused

    async def _announced(self, column: SealedColumn, rows: Sequence[Row], fresh: Sequence[str]) -> list[Entry]:
        """The states that carry these texts, with the fresh ones."""
        if column.stream is None:
            return []
        texts = {row["text"]: text for row, text in zip(rows, fresh, strict=True)}
        states = await load_last(self._reads, sorted({column.stream(row) for row in rows}))
        return [self._entry(state, with_fresh(state.data, texts)) for state in states.values()]

    def _entry(self, last: Event[Payload], state: Payload) -> Entry:
        context = Context(service="catalog", project=last.project, now=self._clock.now(), actor="mobius")
        return entry(context, last.subject, last.sequence + 1, last.partitionkey, state)


def with_fresh(state: Payload, fresh: Mapping[str, str]) -> Payload:
    """The state with fresh texts in the place of the old ones, wherever they stand in it."""
    return type(state).model_validate(_replaced(state.model_dump(mode="json"), fresh))


def _replaced(value: Json, fresh: Mapping[str, str]) -> Json:
    match value:
        case str():
            return fresh.get(value, value)
        case dict():
            return {name: _replaced(one, fresh) for name, one in value.items()}
        case list():
            return [_replaced(one, fresh) for one in value]
        case _:
            return value
