"""Batches heard and written as the audit's consumer does, without Kafka."""

from collections.abc import Iterable, Mapping, Sequence
from typing import Final

from libs.chassis.bus.batch import Heard
from libs.chassis.db.link import Link, Row
from libs.chassis.db.statement import run
from services.audit.consumers import Hearing
from tests.unit.audit.stories import Stream

SUMMARY_BYTES: Final = 4_096
TABLES: Final = {
    "invocations": "id",
    "invocation_stats": "project, action_name, hour, duration_class",
    "runs": "id",
    "run_events": "run_id, at, sequence, id",
    "run_attempts": "run_id, id",
    "workflows": "id",
    "workflow_versions": "workflow_id, version",
}
"""The projections, and what tells their rows apart."""


async def hear(link: Link, batch: Sequence[Heard]) -> None:
    effects = await Hearing(SUMMARY_BYTES)(batch)
    if effects.parts:
        await run(link, effects.parts)


async def hear_all(link: Link, streams: Iterable[Stream]) -> None:
    """All at once, one stream after the other."""
    await hear(link, [item for stream in streams for item in stream.heard])


async def rows(link: Link) -> Mapping[str, list[Row]]:
    """Everything that is projected."""
    return {table: list(await link.rows(f"SELECT * FROM {table} ORDER BY {order}")) for table, order in TABLES.items()}


async def emptied(link: Link) -> None:
    await link.rows(f"TRUNCATE {', '.join(TABLES)}")
