"""An audit that has a log already counts it when it learns to count; and its classes are those of the pages."""

from collections.abc import AsyncIterator

import pytest

from deploy.local.servers import Database
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import CHASSIS, migrate, migrations_of
from services.audit.domain.durations import duration_class

AUDIT = "services.audit.migrations"
FILL = """
INSERT INTO invocations SELECT 'job_' || n, 'p', 'run_1', 's', 'a', 'worker', 'w',
    CASE n WHEN 3 THEN 'failed' ELSE 'success' END, 1, 0, '{}', NULL, NULL, NULL,
    '2030-01-01T00:59:59Z'::timestamptz - n * interval '7 ms', '2030-01-01T00:59:59Z'
FROM generate_series(1, 4) AS n
"""
COUNTS = "SELECT hour::text, duration_class, succeeded, failed FROM invocation_stats ORDER BY duration_class"


@pytest.fixture
async def link(database: Database) -> AsyncIterator[Link]:
    link = Link(database.service_urls["audit"], "test-counts")
    yield link
    await link.close()


async def test_the_log_that_is_there_is_counted(link: Link) -> None:
    first = [*migrations_of(CHASSIS), *migrations_of(AUDIT)[:1]]
    async with link.transaction() as work:
        await work.script("CREATE TABLE migrations (name text PRIMARY KEY, sha256 text, applied_at timestamptz)")
        for migration in first:
            await work.script(migration.sql)
            await work.rows("INSERT INTO migrations VALUES ($1, $2)", migration.name, migration.sha256)
        await work.script(FILL)
    await migrate(link, AUDIT)
    counted = [tuple(row) for row in await link.rows(COUNTS)]
    hour = "2030-01-01 00:00:00+00"
    assert counted == [(hour, duration_class(7 * n), int(n != 3), int(n == 3)) for n in range(1, 5)]


async def test_the_database_has_the_classes_that_the_pages_read(link: Link) -> None:
    await migrate(link, AUDIT)
    spans = [0, 0.4, 1.1, 1.3, 3, 9.99, 150, 1_001, 59_999, 86_400_000, -5]
    sql = "SELECT duration_class(now(), now() + $1 * interval '1 ms') AS class"
    found = [(await link.rows(sql, span))[0]["class"] for span in spans]
    assert found == [duration_class(span) for span in spans]
