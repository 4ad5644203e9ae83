"""The history of a run, read in either direction."""

from dataclasses import dataclass
from datetime import datetime

from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from services.audit.store.conditions import rows_where

QUERIES = load_queries(__package__)

Position = tuple[datetime, int, str]
"""Where an event stands in the history: at, sequence and id."""


@dataclass(frozen=True, slots=True)
class RunEventRow:
    """An event of a run. `data` is the whole CloudEvent as JSON; its own `data` is the payload."""

    at: datetime
    sequence: int
    id: str
    type: str
    path: str | None
    step: str | None
    data: bytes

    @property
    def position(self) -> Position:
        return self.at, self.sequence, self.id


async def list_run_events(
    reads: Reads, project: str, run_id: str, after: Position | None, limit: int
) -> list[RunEventRow]:
    """The first first; those behind the position `after`."""
    conditions = {"(at, sequence, id) > (?, ?, ?)": after or (None, None, None)}
    rows = await rows_where(reads, QUERIES["list_run_events"], (project, run_id, limit), conditions)
    return [RunEventRow(*row) for row in rows]


async def list_latest_run_events(
    reads: Reads, project: str, run_id: str, before: Position | None, limit: int
) -> list[RunEventRow]:
    """The latest first; those before the position `before`."""
    conditions = {"(at, sequence, id) < (?, ?, ?)": before or (None, None, None)}
    rows = await rows_where(reads, QUERIES["list_latest_run_events"], (project, run_id, limit), conditions)
    return [RunEventRow(*row) for row in rows]
