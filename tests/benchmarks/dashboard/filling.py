"""Fills an installation: the actions by the catalog's API, all else straight into the audit's tables."""

import asyncio
from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from contextlib import asynccontextmanager
from datetime import datetime
from time import perf_counter

import asyncpg

from libs.chassis.bus.batch import Heard, Record
from libs.chassis.db.link import Link
from libs.chassis.db.queries import load_queries
from libs.chassis.db.statement import run
from libs.chassis.journal.entry import Entry
from libs.contracts.codec import JsonObject
from services.audit.consumers import Hearing
from services.audit.settings import AuditSettings
from services.audit.store.projection import QUERIES as AUDIT_QUERIES
from tests.benchmarks.dashboard.sizes import Sizes, action_name
from tests.benchmarks.dashboard.stories import linear_run, looping_run, workflows
from tests.benchmarks.stage import Stage

QUERIES = load_queries(__package__)
BATCH = 100_000
"""Invocations in one statement."""
HEARD = 500
"""Events in one statement, as many as the audit's consumer takes."""
REGISTRARS = 8
SUMMARY_BYTES = AuditSettings.model_fields["summary_bytes"].default
TABLES = ("invocations", "invocation_stats", "runs", "run_events", "run_attempts", "workflows", "workflow_versions")
SCHEMA: JsonObject = {
    "type": "object",
    "required": ["order_id"],
    "properties": {
        "order_id": {"type": "string", "description": "Which order."},
        "lines": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}}}},
    },
}

Tell = Callable[[str], None]


@asynccontextmanager
async def audit_connection(url: str) -> AsyncIterator[asyncpg.Connection]:
    """As the audit's own role, without its timeouts; closed at the end of the block, whatever it was doing."""
    connection = await asyncpg.connect(url, server_settings={"jit": "off", "synchronous_commit": "off"})
    try:
        yield connection
    finally:
        connection.terminate()


async def register_actions(stage: Stage, count: int, tell: Tell) -> None:
    """By the API, so each has a schema and a secret as any other."""
    began, numbers = perf_counter(), iter(range(count))
    await asyncio.gather(*(_registrar(stage, numbers) for _ in range(REGISTRARS)))
    tell(f"  {count:,} actions registered in {perf_counter() - began:.0f} s")


async def _registrar(stage: Stage, numbers: Iterator[int]) -> None:
    installation = stage.installation
    url = f"{installation.project(installation.catalog)}/actions"
    for number in numbers:
        async with installation.http.post(url, json=_action(number)) as response:
            if response.status != 201:
                raise RuntimeError(
                    f"expected to register an action, but got {response.status}: {await response.text()}"
                )


def _action(number: int) -> JsonObject:
    return {
        "name": action_name(number),
        "endpoint_url": f"http://127.0.0.1:9/never-called/{number}",
        "title": f"Order action {number}",
        "description": "Takes an order, looks at its lines, and answers with a reference.",
        "input_schema": SCHEMA,
        "output_schema": {"type": "object", "properties": {"ok": {"type": "boolean"}}},
        "annotations": {"idempotent": number % 2 == 0, "read_only": number % 3 == 0},
    }


async def tell_stories(url: str, project: str, sizes: Sizes, now: datetime, tell: Tell) -> None:
    """Workflows and the long runs, through the audit's own handler."""
    began, handle, link = perf_counter(), Hearing(SUMMARY_BYTES), Link(url, "bench-dashboard")
    said = [
        *workflows(project, sizes.actions, now),
        *linear_run(project, sizes.steps, sizes.actions, now),
        *looping_run(project, sizes.steps, sizes.actions, now),
    ]
    try:
        for first in range(0, len(said), HEARD):
            effects = await handle([_heard(one) for one in said[first : first + HEARD]])
            await run(link, effects.parts)
    finally:
        await link.close()
    tell(f"  {len(said):,} events of workflows and long runs in {perf_counter() - began:.0f} s")


def _heard(said: Entry) -> Heard:
    return Heard(said.event, Record(said.topic.name, said.partition, 0, 0, None, said.raw))


async def lay(connection: asyncpg.Connection, project: str, sizes: Sizes, now: datetime, tell: Tell) -> None:
    """Runs, and invocations with their counts, the indexes as they are; then everything is analysed."""
    await connection.execute("SELECT setseed(0.5)")
    await connection.execute(QUERIES["make_moment"])
    await connection.execute(QUERIES["lay_runs"], project, sizes.runs, now)
    await connection.execute(QUERIES["lay_attempts"], project)
    await _lay_invocations(connection, project, sizes, now, tell)
    began = perf_counter()
    await connection.execute(f"VACUUM ANALYZE {', '.join(TABLES)}")
    tell(f"  vacuumed and analysed in {perf_counter() - began:.0f} s: {await _weight(connection)}")


async def _lay_invocations(
    connection: asyncpg.Connection, project: str, sizes: Sizes, now: datetime, tell: Tell
) -> None:
    began, total = perf_counter(), sizes.invocations
    statement = await connection.prepare(
        f"WITH logged AS ({QUERIES['lay_invocations']}) {AUDIT_QUERIES['count_invocations']}"
    )
    for first, last in stretches(total, BATCH):
        await statement.fetch(project, first, last, total, sizes.actions, sizes.runs, now)
        if last % (10 * BATCH) == 0 or last == total:
            tell(f"  {last:,} invocations after {perf_counter() - began:.0f} s")


def stretches(total: int, size: int) -> Sequence[tuple[int, int]]:
    """Stretches of the numbers from 1 to `total`: the first and the last number of each."""
    return [(first, min(first + size - 1, total)) for first in range(1, total + 1, size)]


async def _weight(connection: asyncpg.Connection) -> str:
    sizes = [
        (name, await connection.fetchval("SELECT pg_total_relation_size($1::text::regclass)", name)) for name in TABLES
    ]
    return ", ".join(f"{name} {size / 1e6:,.0f} MB" for name, size in sizes if size > 1e6)
