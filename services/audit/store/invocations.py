"""The action audit log, read."""

from dataclasses import dataclass
from datetime import datetime

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from services.audit.domain.invocations import Invocation
from services.audit.store.conditions import rows_where

QUERIES = load_queries(__package__)
FAILED = "failed"


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows; None does not filter. `since` and `until` bound finished_at: from, and before. `after` is the
    position of the page before: finished_at and id."""

    project: str
    run_id: str | None = None
    action_name: str | None = None
    status: str | None = None
    after: tuple[datetime, str] | None = None
    step_name: str | None = None
    since: datetime | None = None
    until: datetime | None = None


async def list_invocations(reads: Reads, wanted: Filter, limit: int) -> list[Invocation]:
    """The latest first."""
    conditions = {
        "run_id = ?": (wanted.run_id,),
        "action_name = ?": (wanted.action_name,),
        **_status(wanted.status),
        "step_name = ?": (wanted.step_name,),
        "finished_at >= ?": (wanted.since,),
        "finished_at < ?": (wanted.until,),
        "(finished_at, id) < (?, ?)": wanted.after or (None, None),
    }
    rows = await rows_where(reads, QUERIES["list_invocations"], (wanted.project, limit), conditions)
    return [_invocation(row) for row in rows]


def _status(status: str | None) -> dict[str, tuple[object, ...]]:
    """The failed are asked for by a constant: their indexes hold nothing else, and a parameter might mean others."""
    return {"status = 'failed'": ()} if status == FAILED else {"status = ?": (status,)}


def _invocation(row: Row) -> Invocation:
    return Invocation(**dict(row))
