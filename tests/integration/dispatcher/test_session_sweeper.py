"""Workers that were not seen for a month are forgotten, the others are not."""

import pytest

from deploy.local.servers import Database
from libs.chassis.db.link import Link
from libs.chassis.db.migrator import migrate
from services.dispatcher.workers import session_sweeper
from services.dispatcher.workers.session_sweeper import SessionSweeper

INSERT = """
INSERT INTO worker_sessions (project, worker_instance_id, session_id, token_sha256, concurrency_limit, queues, actions,
                             api_key_id, last_seen_at)
SELECT 'default', name, name, 'x', 1, '{}', '{}', 'key_1', clock_timestamp() - seen::interval
FROM unnest($1::text[], $2::text[]) AS s (name, seen)
"""


async def test_only_what_was_not_seen_for_a_month_is_forgotten(
    database: Database, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(session_sweeper, "MOST_AT_ONCE", 2)
    link = Link(database.service_urls["dispatcher"], "test-sweeper")
    try:
        await migrate(link, "services.dispatcher.migrations")
        old = {f"old-{number}": "31 days" for number in range(3)}
        ages = {"new": "1 second", "nearly": "29 days", **old}
        await link.rows(INSERT, list(ages), list(ages.values()))
        sweeper = SessionSweeper(link)
        assert [await sweeper.step() for _ in range(2)] == [True, False]
        left = await link.rows("SELECT worker_instance_id FROM worker_sessions ORDER BY 1")
        assert [row["worker_instance_id"] for row in left] == ["nearly", "new"]
    finally:
        await link.close()
