"""What is told of runs becomes the same rows, in whatever order and batches it is heard, and however often."""

from collections.abc import AsyncIterator, Mapping, Sequence
from random import Random
from typing import Final

import pytest

from deploy.local.servers import Database
from libs.chassis.bus.batch import Heard
from libs.chassis.db.link import PLANNED_ONCE, Link, Row
from libs.chassis.db.migrator import migrate
from libs.chassis.db.statement import run
from services.audit.consumers import Hearing
from tests.unit.audit.stories import all_streams, batches

TABLES: Final = {
    "invocations": "id",
    "invocation_stats": "project, action_name, hour, duration_class",
    "runs": "id",
    "run_events": "run_id, at, sequence, id",
    "run_attempts": "run_id, id",
    "workflows": "id",
    "workflow_versions": "workflow_id, version",
}
"""The projections and what they are ordered by here."""


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = Link(database.service_urls["audit"], "test-projection", settings=PLANNED_ONCE)
    await migrate(link, "services.audit.migrations")
    yield link
    await link.close()


async def hear(link: Link, batch: Sequence[Heard]) -> None:
    effects = await Hearing(4_096)(batch)
    if effects.parts:
        await run(link, effects.parts)


async def rows(link: Link) -> Mapping[str, list[Row]]:
    return {table: list(await link.rows(f"SELECT * FROM {table} ORDER BY {order}")) for table, order in TABLES.items()}


async def emptied(link: Link) -> None:
    await link.rows(f"TRUNCATE {', '.join(TABLES)}")


async def test_any_order_and_any_batches_make_the_same_rows(link: Link) -> None:
    await hear(link, [item for stream in all_streams() for item in stream.heard])
    expected = await rows(link)
    assert all(expected.values())

    for seed in range(40):
        await emptied(link)
        for batch in batches(all_streams(), Random(seed)):
            await hear(link, batch)
        assert await rows(link) == expected, f"seed {seed}"
