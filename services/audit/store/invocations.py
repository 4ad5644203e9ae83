"""The action audit log as statements."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from libs.chassis.db.link import Row
from libs.chassis.db.queries import load_queries
from libs.chassis.db.reads import Reads
from libs.chassis.db.statement import Part
from services.audit.domain.invocations import Invocation

QUERIES = load_queries(__package__)


@dataclass(frozen=True, slots=True)
class Filter:
    """Which rows; None does not filter. `after` is the position of the page before: finished_at and id."""

    project: str
    run_id: str | None = None
    action_name: str | None = None
    status: str | None = None
    after: tuple[datetime, str] | None = None


def insert_part(rows: Sequence[Invocation]) -> Part:
    """Adds what is not there yet."""
    columns = (
        [row.id for row in rows],
        [row.project for row in rows],
        [row.run_id for row in rows],
        [row.step_name for row in rows],
        [row.action_name for row in rows],
        [row.kind for row in rows],
        [row.executed_by for row in rows],
        [row.status for row in rows],
        [row.attempt for row in rows],
        [row.retry_count for row in rows],
        [row.parameters for row in rows],
        [row.output_summary for row in rows],
        [row.error_type for row in rows],
        [row.error_message for row in rows],
        [row.started_at for row in rows],
        [row.finished_at for row in rows],
    )
    return Part("logged", QUERIES["insert_invocations"], columns)


async def list_invocations(reads: Reads, wanted: Filter, limit: int) -> list[Invocation]:
    """The latest first."""
    finished_at, last_id = wanted.after or (None, None)
    rows = await reads.rows(
        QUERIES["list_invocations"],
        wanted.project,
        wanted.run_id,
        wanted.action_name,
        wanted.status,
        finished_at,
        last_id,
        limit,
    )
    return [_invocation(row) for row in rows]


def _invocation(row: Row) -> Invocation:
    return Invocation(**dict(row))
